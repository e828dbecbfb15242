package scope

// maxDistance is how many letters a suggestion may differ in, however long the name
// is.
const maxDistance = 10

// Nearest returns the known name that a misspelt one was probably meant to be,
// or "" when none is near enough to be worth suggesting. Ties go to the name
// that comes first.
//
// The work is bounded, as names come from strangers: a known name whose length differs
// by too much costs a comparison of two numbers, and no other one costs more than
// a near name would.
func Nearest(name string, known []string) string {
	letters := []rune(name)
	// Past a third of the name the suggestion is a guess that misleads.
	limit := min(max(2, len(name)/3), maxDistance)
	best := ""
	for _, k := range known {
		if k == name {
			return k
		}
		if limit < 1 {
			continue
		}
		if d := distance(letters, []rune(k), limit); d <= limit {
			best, limit = k, d-1
		}
	}
	return best
}

// distance is the Levenshtein distance of two names, or any number above limit when it
// is above that. It looks only at those pairs of places whose distance can be
// within the limit, a band of 2*limit+1, and ends when none is. (The limit of
// github.com/agext/levenshtein 1.2.3 returns distances that are too small.)
func distance(a, b []rune, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	// row[j] is the distance of a[:i] and b[:j], for the i that the loop is at.
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		from, to := max(1, i-limit), min(len(b), i+limit)
		diagonal, left := row[from-1], limit+1
		if from == 1 {
			left = i
		}
		row[from-1] = left
		least := left
		for j := from; j <= to; j++ {
			up := row[j]
			if j == i+limit {
				up = limit + 1 // outside of the band of the row before
			}
			d := diagonal
			if a[i-1] != b[j-1] {
				d++
			}
			d = min(d, left+1, up+1)
			diagonal, left, row[j] = row[j], d, d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
	}
	return row[len(b)]
}
