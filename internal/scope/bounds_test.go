package scope_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// chain is n scopes, each of which implies the next; with closed the last implies the first.
func chain(n int, closed bool) []scope.Scope {
	all := make([]scope.Scope, n)
	for i := range all {
		all[i].Name = fmt.Sprintf("s%06d", i)
		if i > 0 {
			all[i-1].Implies = []string{all[i].Name}
		}
	}
	if closed {
		all[n-1].Implies = []string{all[0].Name}
	}
	return all
}

// worst is the catalogue that costs the most: one chain of all scopes, each of which implies
// as many more as the bounds leave room for.
func worst() []scope.Scope {
	all := chain(scope.MostScopes, false)
	for i := range all {
		for j := i + 2; j < min(i+2+scope.MostImplied/scope.MostScopes-1, len(all)); j++ {
			all[i].Implies = append(all[i].Implies, all[j].Name)
		}
	}
	return all
}

// What a service sends as its catalogue costs no more than reading it, whatever it implies.
func TestNewCatalogue_IsBoundedWhateverTheScopesImply(t *testing.T) {
	t.Parallel()
	fan := make([]scope.Scope, 0, 1000)
	for i := range 1000 {
		s := scope.Scope{Name: fmt.Sprintf("f%d", i)}
		for range 300 {
			s.Implies = append(s.Implies, "f0")
		}
		fan = append(fan, s)
	}
	unknown := make([]scope.Scope, 0, 5000)
	for i := range 5000 {
		unknown = append(unknown, scope.Scope{Name: fmt.Sprintf("known-scope-%d", i), Implies: []string{fmt.Sprintf("unknown-%d", i)}})
	}
	for name, tc := range map[string]struct {
		scopes []scope.Scope
		want   string // in the error; empty for none
	}{
		"a chain":                    {chain(1000, false), ""},
		"a chain that grants a lot":  {chain(10_000, false), "imply too much"},
		"as deep and wide as can be": {worst(), "imply too much"},
		"a ring":                     {chain(10_000, true), "s000000 -> s000001 -> s000002 -> s000003 -> (9993 more) -> s009997 -> s009998 -> s009999 -> s000000"},
		"too many scopes":            {chain(scope.MostScopes+1, false), "at most 10000"},
		"too many implications":      {fan, "imply too many"},
		"unknown ones":               {unknown, "implies an unknown one"},
		"names that are no names":    {slices.Repeat([]scope.Scope{{Name: strings.Repeat("é\x1b[2J", 1<<20)}}, 100), "at most 128"},
		"a class that is a long one": {[]scope.Scope{{Name: "a", Class: strings.Repeat("x", 1<<24), Implies: []string{"b"}}, {Name: "b"}}, "never mix"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := scope.NewCatalogue(tc.scopes)
			if tc.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if c != nil || err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Fatalf("%.500v, want %q", err, tc.want)
			}
			if text := err.Error(); len(text) > 4096 || strings.Contains(text, "\x1b") {
				t.Errorf("the error has %d bytes: %.500q", len(text), text)
			}
		})
	}
}

// A catalogue of rings only: as many as there are implications, and each a long one.
func TestNewCatalogue_OfManyRingsAFewAreTold(t *testing.T) {
	t.Parallel()
	all := chain(2_000, true)
	for i := range all {
		for j := range min(i, 90) {
			all[i].Implies = append(all[i].Implies, all[j].Name)
		}
	}
	_, err := scope.NewCatalogue(all)
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok || len(joined.Unwrap()) > 10 || len(err.Error()) > 4096 {
		t.Errorf("%.500v", err)
	}
}

// A slow and plain way to compute what scopes grant agrees.
func TestEffectiveAndRedundant_AgreeWithThePlainWay(t *testing.T) {
	t.Parallel()
	var all []scope.Scope
	for i := range 150 {
		s := scope.Scope{Name: fmt.Sprintf("n%03d", (i*37)%150)}
		for j := 1; j <= i%4 && i-j*j >= 0; j++ {
			s.Implies = append(s.Implies, fmt.Sprintf("n%03d", ((i-j*j)*37)%150))
		}
		all = append(all, s)
	}
	c, err := scope.NewCatalogue(all)
	if err != nil {
		t.Fatal(err)
	}
	grants := func(name string) []string {
		open, seen := []string{name}, map[string]bool{name: true}
		for len(open) > 0 {
			s, _ := c.Get(open[0])
			open = open[1:]
			for _, next := range s.Implies {
				if !seen[next] {
					seen[next] = true
					open = append(open, next)
				}
			}
		}
		out := []string{}
		for n := range seen {
			out = append(out, n)
		}
		return scope.Normal(out)
	}
	for from := range 140 {
		names := c.Names()[from : from+10]
		var want []string
		redundant := map[string]string{}
		for _, n := range names {
			want = append(want, grants(n)...)
			for _, other := range names {
				if _, known := redundant[n]; !known && other != n && slices.Contains(grants(other), n) {
					redundant[n] = other
				}
			}
		}
		if diff := cmp.Diff(scope.Normal(want), c.Effective(names)); diff != "" {
			t.Fatal(diff)
		}
		if diff := cmp.Diff(redundant, c.Redundant(names)); diff != "" {
			t.Fatal(diff)
		}
	}
}

// The worst case is what a plan waits for at most, as computing it cannot be cancelled.
func BenchmarkNewCatalogue(b *testing.B) {
	for name, scopes := range map[string][]scope.Scope{"a real one's size": chain(300, false), "the worst": worst()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, _ = scope.NewCatalogue(scopes)
			}
		})
	}
}

func BenchmarkEffective(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		c, err := scope.NewCatalogue(chain(n, false))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				c.Effective([]string{"s000000"})
			}
		})
	}
}
