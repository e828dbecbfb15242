package scope

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

const separators = ".:_-"

// CheckPattern says what is wrong with a pattern for Match, or nil: it has what
// names have, and "*".
func CheckPattern(pattern string) error {
	switch {
	case pattern == "":
		return errors.New(`must not be empty; "*" matches every name`)
	case len(pattern) > MaxName:
		return fmt.Errorf("must be at most %d bytes long, it is %d", MaxName, len(pattern))
	}
	literal := strings.ReplaceAll(pattern, "*", "")
	if literal == "" {
		return nil
	}
	if err := CheckName(literal); err != nil {
		return fmt.Errorf(`%w; a "*" stands for any characters`, err)
	}
	return nil
}

// Match returns the names that the pattern matches from their first character to
// their last, sorted. A "*" stands for any number of any characters, separators
// and none at all included; every other character stands for itself.
func (c *Catalogue) Match(pattern string) ([]string, error) {
	if err := CheckPattern(pattern); err != nil {
		return nil, err
	}
	matched := []string{}
	for _, name := range c.names {
		// What makes other characters special there cannot be in a pattern, and a
		// name has no slash that a "*" would stop at.
		ok, err := path.Match(pattern, name)
		if err != nil {
			return nil, fmt.Errorf("matching %q: %w", pattern, err)
		}
		if ok {
			matched = append(matched, name)
		}
	}
	return matched, nil
}

// NearestPattern returns the name or the pattern that a misspelt one was probably
// meant to be, or "" when none is near. What it returns matches at least one name.
func (c *Catalogue) NearestPattern(pattern string) string {
	var patterns []string
	for _, name := range c.names {
		cuts := cuts(name)
		for i, from := range cuts {
			for _, to := range cuts[i+1:] {
				// Nobody meant a pattern without a letter, such as "*" or "*.*".
				if to-from < len(name) {
					patterns = append(patterns, name[:from]+"*"+name[to:])
				}
				if part := name[from:to]; strings.Trim(part, separators) != "" {
					patterns = append(patterns, "*"+part+"*")
				}
			}
		}
	}
	patterns = Normal(patterns)
	slices.SortStableFunc(patterns, func(a, b string) int { return len(b) - len(a) })
	// Ties go to the first: a whole name, then the pattern that leaves the least open.
	return Nearest(pattern, append(c.Names(), patterns...))
}

// cuts returns where the parts of a name begin and end, its separators being
// parts too.
func cuts(name string) []int {
	at := []int{0}
	add := func(i int) {
		if i > at[len(at)-1] {
			at = append(at, i)
		}
	}
	for i, r := range name {
		if strings.ContainsRune(separators, r) {
			add(i)
			add(i + 1)
		}
	}
	add(len(name))
	return at
}
