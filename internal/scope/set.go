package scope

import "slices"

// Effective returns what the names grant together: the names and all that they
// imply, sorted, each once. Names that the catalogue does not have grant only
// themselves, so that a scope which has left the catalogue still shows up in a
// review instead of vanishing from it; Check is what refuses them.
func (c *Catalogue) Effective(names []string) []string {
	granted := newBitset(len(c.names))
	var unknown []string
	for _, n := range names {
		if closure, ok := c.closure[n]; ok {
			granted.addAll(closure)
		} else {
			unknown = append(unknown, n)
		}
	}
	all := make([]string, 0, granted.len()+len(unknown))
	granted.each(func(i int) { all = append(all, c.names[i]) })
	if len(unknown) == 0 {
		return all
	}
	return Normal(append(all, unknown...))
}

// Grants reports whether the one scope is the other or implies it.
func (c *Catalogue) Grants(name, other string) bool {
	closure, ok := c.closure[name]
	i, known := c.place[other]
	return ok && known && closure.has(i) || name == other
}

// Missing returns the scopes that want grants and have does not, sorted. Both
// are taken with all that they imply.
func (c *Catalogue) Missing(have, want []string) []string {
	return Added(c.Effective(have), c.Effective(want))
}

// Covers reports whether have grants the one scope.
func (c *Catalogue) Covers(have []string, name string) bool {
	return len(c.Missing(have, []string{name})) == 0
}

// Redundant returns, for each name that another of the names already implies,
// the name that does so.
func (c *Catalogue) Redundant(names []string) map[string]string {
	redundant := map[string]string{}
	names = Normal(names)
	closures := make([]bitset, len(names)) // looked up once, as each name meets each other one
	for i, n := range names {
		closures[i] = c.closure[n]
	}
	for i, n := range names {
		place, known := c.place[n]
		if !known {
			continue // nothing implies it
		}
		for j, closure := range closures {
			if i != j && closure != nil && closure.has(place) {
				redundant[n] = names[j]
				break
			}
		}
	}
	return redundant
}

// Classes returns the classes of the names, sorted, each once. Unknown names
// have none.
func (c *Catalogue) Classes(names []string) []string {
	var classes []string
	for _, n := range names {
		if s, ok := c.scopes[n]; ok {
			classes = append(classes, s.Class)
		}
	}
	return Normal(classes)
}

// Normal returns the names sorted, each once. It never returns nil, so that an
// empty set is written as [] in JSON.
func Normal(names []string) []string {
	out := append([]string{}, names...)
	slices.Sort(out)
	return slices.Compact(out)
}

// Added returns what after holds and before does not, sorted. It compares the
// names as they are; pass effective sets to compare what they grant.
func Added(before, after []string) []string {
	had := make(map[string]bool, len(before))
	for _, n := range before {
		had[n] = true
	}
	added := []string{}
	for _, n := range Normal(after) {
		if !had[n] {
			added = append(added, n)
		}
	}
	return added
}
