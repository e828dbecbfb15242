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

// close computes the closure of every scope, each once and from those that it implies. It
// returns the cycles that it meets, as the names along each, and stops at as many as an
// error tells; the closures are then not complete.
//
// It takes no context, because there is nothing to cancel: after checkSize it joins at most
// MostImplied sets of MostScopes bits, a fraction of a second (BenchmarkNewCatalogue). It goes down the
// implications with a stack of its own, as a chain can be MostScopes deep.
func (c *Catalogue) close() (cycles [][]string) {
	c.place = make(map[string]int, len(c.names))
	for i, name := range c.names {
		c.place[name] = i
	}
	w := walk{Catalogue: c, open: make(map[string]bool, len(c.names))}
	for _, name := range c.names {
		w.enter(name)
		for len(w.path) > 0 {
			if len(cycles) == mostFaults {
				return cycles
			}
			if cycle := w.step(); cycle != nil {
				cycles = append(cycles, cycle)
			}
		}
	}
	return cycles
}

// walk is a way down the implications of scopes.
type walk struct {
	*Catalogue
	path []string        // the scopes whose closure is being computed, each implied by the one before
	next []int           // of each, which of its implications comes next
	open map[string]bool // whether a scope is on the path
}

// enter goes on to a scope whose closure is not known yet.
func (w *walk) enter(name string) {
	if _, known := w.closure[name]; known {
		return
	}
	w.path, w.next, w.open[name] = append(w.path, name), append(w.next, 0), true
}

// step looks at the next implication of the last scope on the path, and leaves the scope
// where there is none. It returns the cycle that the implication closes; nil for none.
func (w *walk) step() (cycle []string) {
	last := len(w.path) - 1
	name := w.path[last]
	implied := w.scopes[name].Implies
	if w.next[last] == len(implied) {
		closure := newBitset(len(w.names))
		closure.add(w.place[name])
		for _, other := range implied {
			closure.addAll(w.closure[other]) // none on a cycle
		}
		w.closure[name], w.open[name] = closure, false
		w.path, w.next = w.path[:last], w.next[:last]
		return nil
	}
	other := implied[w.next[last]]
	w.next[last]++
	if w.open[other] {
		return from(w.path, other)
	}
	w.enter(other)
	return nil
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
