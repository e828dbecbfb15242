package scope

import "math/bits"

// bitset is a set of scopes, each by its place among the catalogue's sorted names. A
// catalogue of a thousand scopes can have a million pairs of one and what it implies;
// as texts these would be megabytes, and seconds to compute.
type bitset []uint64

func newBitset(size int) bitset { return make(bitset, (size+63)/64) }

func (b bitset) add(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bitset) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

func (b bitset) addAll(other bitset) {
	for i, word := range other {
		b[i] |= word
	}
}

func (b bitset) len() int {
	n := 0
	for _, word := range b {
		n += bits.OnesCount64(word)
	}
	return n
}

// each calls fn with the members in order.
func (b bitset) each(fn func(i int)) {
	for i, word := range b {
		for ; word != 0; word &= word - 1 {
			fn(64*i + bits.TrailingZeros64(word))
		}
	}
}

// close computes the closure of every scope, each once and from those that it implies.
// It returns the cycles that it meets instead, as the names along each, and looks for no
// more than an error tells; a scope behind a cycle then has no closure.
func (c *Catalogue) close() (cycles [][]string) {
	const (
		visiting = iota + 1
		done
	)
	c.place = make(map[string]int, len(c.names))
	for i, name := range c.names {
		c.place[name] = i
	}
	state := make(map[string]int, len(c.names))
	var path []string
	var visit func(name string)
	visit = func(name string) {
		state[name] = visiting
		path = append(path, name)
		closure := newBitset(len(c.names))
		closure.add(c.place[name])
		for _, next := range c.scopes[name].Implies {
			if len(cycles) == mostFaults {
				return
			}
			switch state[next] {
			case visiting:
				cycles = append(cycles, from(path, next))
				continue
			case 0:
				visit(next)
			}
			closure.addAll(c.closure[next])
		}
		path = path[:len(path)-1]
		state[name] = done
		c.closure[name] = closure
	}
	for _, name := range c.names {
		if state[name] == 0 {
			visit(name)
		}
	}
	return cycles
}

// from returns a copy of the path from the name on.
func from(path []string, name string) []string {
	for i, p := range path {
		if p == name {
			return append([]string{}, path[i:]...)
		}
	}
	return nil
}
