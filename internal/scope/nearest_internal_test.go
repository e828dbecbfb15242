package scope

import (
	"math/rand"
	"strings"
	"testing"

	"github.com/agext/levenshtein"
)

func TestDistance_IsTheRealOneUpToTheLimit(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewSource(7))
	word := func() string {
		letters := make([]byte, r.Intn(14))
		for i := range letters {
			letters[i] = "abcd"[r.Intn(4)]
		}
		return string(letters)
	}
	for range 50_000 {
		a, b, limit := word(), word(), 1+r.Intn(12)
		want := levenshtein.Distance(a, b, nil) // without a limit of its own it is right
		got := distance([]rune(a), []rune(b), limit)
		if got != want && (want <= limit || got <= limit) {
			t.Fatalf("%q to %q within %d: %d, want %d", a, b, limit, got, want)
		}
	}
}

// BenchmarkNearest shows that a name which is near to none costs no more than one that
// is near to all: see -bench Nearest.
func BenchmarkNearest(b *testing.B) {
	known := make([]string, 1000)
	for i := range known {
		known[i] = strings.Repeat("abcdefghij", 11) + string(rune('a'+i%26))
	}
	for name, sent := range map[string]string{
		"near": strings.Repeat("abcdefghij", 11), "far": strings.Repeat("zyxwvutsrq", 11), "long": strings.Repeat("abcdefghij", 6000),
	} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				Nearest(sent, known)
			}
		})
	}
}
