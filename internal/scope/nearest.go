package scope

import "github.com/agext/levenshtein"

// Nearest returns the known name that a misspelt one was probably meant to be,
// or "" when none is near enough to be worth suggesting. Ties go to the name
// that comes first.
func Nearest(name string, known []string) string {
	// Past a third of the name the suggestion is a guess that misleads.
	limit := max(2, len(name)/3)
	best, bestDistance := "", limit+1
	for _, k := range known {
		if d := levenshtein.Distance(name, k, nil); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	return best
}
