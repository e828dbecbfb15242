package scope_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

func catalogue(t *testing.T) *scope.Catalogue {
	t.Helper()
	c, err := scope.NewCatalogue([]scope.Scope{
		{Name: "contacts:read", Group: "contacts"},
		{Name: "contacts:write", Group: "contacts", Implies: []string{"contacts:read"}},
		{Name: "admin", Implies: []string{"contacts:write", "reports:read"}},
		{Name: "reports:read", Group: "reports"},
		{Name: "billing.read", Class: "billing"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEffective(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	for name, tc := range map[string]struct{ names, want []string }{
		"nothing grants nothing":        {nil, []string{}},
		"a leaf grants itself":          {[]string{"reports:read"}, []string{"reports:read"}},
		"write grants read":             {[]string{"contacts:write"}, []string{"contacts:read", "contacts:write"}},
		"implication is transitive":     {[]string{"admin"}, []string{"admin", "contacts:read", "contacts:write", "reports:read"}},
		"twice is once":                 {[]string{"reports:read", "reports:read"}, []string{"reports:read"}},
		"an unknown name stays visible": {[]string{"gone"}, []string{"gone"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tc.want, c.Effective(tc.names)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMissingAndCovers(t *testing.T) {
	t.Parallel()
	c := catalogue(t)
	if got := c.Missing([]string{"contacts:write"}, []string{"contacts:read"}); len(got) != 0 {
		t.Errorf("write must cover read, missing %v", got)
	}
	if got, want := c.Missing([]string{"contacts:read"}, []string{"admin"}), []string{"admin", "contacts:write", "reports:read"}; !slices.Equal(got, want) {
		t.Errorf("missing %v, want %v", got, want)
	}
	if c.Covers([]string{"contacts:read"}, "contacts:write") {
		t.Error("read must not cover write")
	}
	if !c.Covers([]string{"admin"}, "contacts:read") {
		t.Error("admin must cover what it implies through another scope")
	}
}

func TestRedundantNamesTheScopeThatImplies(t *testing.T) {
	t.Parallel()
	got := catalogue(t).Redundant([]string{"contacts:write", "contacts:read", "reports:read"})
	if diff := cmp.Diff(map[string]string{"contacts:read": "contacts:write"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestClasses(t *testing.T) {
	t.Parallel()
	got := catalogue(t).Classes([]string{"admin", "billing.read", "gone"})
	if diff := cmp.Diff([]string{"billing", scope.General}, got); diff != "" {
		t.Error(diff)
	}
}

func TestCheckNamesEveryUnknownScopeAndTheNearest(t *testing.T) {
	t.Parallel()
	err := catalogue(t).Check([]string{"contact:read", "reports:read", "quite-another-thing"})
	var unknown *scope.UnknownError
	if !errors.As(err, &unknown) || unknown.Name != "contact:read" || unknown.Nearest != "contacts:read" {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{`"contact:read" does not exist; the nearest is "contacts:read"`, `"quite-another-thing" does not exist`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q lacks %q", err, want)
		}
	}
	if strings.Contains(err.Error(), "reports:read") {
		t.Errorf("%q names a known scope", err)
	}
}

func TestNewCatalogueRefuses(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		scopes []scope.Scope
		want   string
	}{
		"an empty name":                 {[]scope.Scope{{Name: ""}}, "must not be empty"},
		"a name with a space":           {[]scope.Scope{{Name: "a b"}}, "may hold"},
		"a name that is too long":       {[]scope.Scope{{Name: strings.Repeat("a", 129)}}, "at most 128"},
		"a name defined twice":          {[]scope.Scope{{Name: "a"}, {Name: "a"}}, "defined twice"},
		"an unknown implied scope":      {[]scope.Scope{{Name: "read"}, {Name: "write", Implies: []string{"raed"}}}, `the nearest is "read"`},
		"a scope implying itself":       {[]scope.Scope{{Name: "a", Implies: []string{"a"}}}, "a -> a"},
		"a cycle":                       {[]scope.Scope{{Name: "a", Implies: []string{"b"}}, {Name: "b", Implies: []string{"c"}}, {Name: "c", Implies: []string{"b"}}}, "b -> c -> b"},
		"an implication across classes": {[]scope.Scope{{Name: "a"}, {Name: "b", Class: "billing", Implies: []string{"a"}}}, "never mix"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := scope.NewCatalogue(tc.scopes)
			var fault *scope.DefinitionError
			if !errors.As(err, &fault) {
				t.Fatalf("want a DefinitionError, got %v", err)
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%q lacks %q", err, tc.want)
			}
		})
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"contacts:read", "contacts:write", "mail.send"}
	for in, want := range map[string]string{
		"contact:read": "contacts:read", "contacts.write": "contacts:write", "mail:send": "mail.send", "zzz": "", "": "",
	} {
		if got := scope.Nearest(in, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAdded(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff([]string{"c"}, scope.Added([]string{"a", "b"}, []string{"c", "b", "c"})); diff != "" {
		t.Error(diff)
	}
}

func TestCheck_ReportsAFewUnknownNamesAndHowManyMore(t *testing.T) {
	t.Parallel()
	c, err := scope.NewCatalogue([]scope.Scope{{Name: "contacts:read"}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range 500 {
		names = append(names, fmt.Sprintf("contacts:raed%d", i%7))
	}
	text := c.Check(names).Error()
	if n := strings.Count(text, "the nearest is"); n != 5 || !strings.HasSuffix(text, "and 495 more do not exist") {
		t.Errorf("%d suggestions in %q", n, text)
	}
	long := strings.Repeat("secret-", 9000)
	if text := c.Check([]string{long}).Error(); strings.Contains(text, "secret") || !strings.Contains(text, "63000 bytes") {
		t.Errorf("%.200s", text)
	}
}

// A chain of scopes, each of which implies all before it, is the most that a closure can
// hold.
func TestNewCatalogue_LargeClosuresAreExact(t *testing.T) {
	t.Parallel()
	var all []scope.Scope
	var names []string
	for i := range 300 {
		all = append(all, scope.Scope{Name: fmt.Sprintf("s%03d", i), Implies: slices.Clone(names)})
		names = append(names, fmt.Sprintf("s%03d", i))
	}
	c, err := scope.NewCatalogue(all)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{0, 1, 63, 64, 65, 299} {
		if got := c.Effective([]string{names[i]}); !slices.Equal(got, names[:i+1]) {
			t.Errorf("%d: %v", i, got)
		}
		if !c.Grants(names[i], names[0]) || c.Grants(names[0], names[i]) && i > 0 {
			t.Errorf("%d: what grants what is wrong", i)
		}
	}
	all[0].Implies = []string{"s299"}
	_, err = scope.NewCatalogue(all)
	var fault *scope.DefinitionError
	if !errors.As(err, &fault) || len(fault.Cycle) < 2 || !strings.HasPrefix(fault.Path("s299"), "s299 -> ") || !strings.HasSuffix(fault.Path("s299"), " -> s299") {
		t.Errorf("%.300v", err)
	}
}
