// Package scope is the algebra of scopes: what a set of scopes really grants
// under implication, what one set adds over another, what is missing, and
// which known name a misspelt one was probably meant to be.
//
// It is pure. It knows no platform, no key and no account, so that the plan,
// the management API and the review tool all compute the same answer.
package scope

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// General is the class of a scope that names none.
const General = "general"

// MaxName is the longest scope name, in bytes.
const MaxName = 128

// Scope is one named permission.
type Scope struct {
	Name        string
	Description string
	Group       string   // what the scope is about, such as "contacts"
	Class       string   // keys never mix classes; General when empty
	Implies     []string // the scopes that this one grants as well, directly
}

// Catalogue is a closed, checked set of scopes. It never changes after
// NewCatalogue and is safe for concurrent use.
type Catalogue struct {
	scopes  map[string]Scope
	names   []string          // sorted
	place   map[string]int    // name -> its place in names
	closure map[string]bitset // name -> itself and all it implies
}

// DefinitionError says which scope of a catalogue is defined wrongly.
type DefinitionError struct {
	Name   string
	Reason string
	Cycle  []string // the scopes that imply each other in this order, and the last one the first; nil for another fault
}

// Path is the way around the cycle from that scope back to it, or from the first one
// when it is not in the cycle. A long way is cut in its middle.
func (e *DefinitionError) Path(from string) string {
	const shown = 4 // at each end
	i := max(0, slices.Index(e.Cycle, from))
	path := append(slices.Clone(e.Cycle[i:]), e.Cycle[:i]...)
	path = append(path, path[0])
	if more := len(path) - 2*shown; more > 1 {
		path = slices.Concat(path[:shown], []string{fmt.Sprintf("(%d more)", more)}, path[len(path)-shown:])
	}
	return strings.Join(path, " -> ")
}

func (e *DefinitionError) Error() string {
	return fmt.Sprintf("scope %s %s", shown(e.Name), e.Reason)
}

// UnknownError reports a scope that the catalogue does not have.
type UnknownError struct {
	Name    string
	Nearest string // the known name that was probably meant; empty when none is near
}

func (e *UnknownError) Error() string {
	if len(e.Name) > MaxName {
		return fmt.Sprintf("a scope whose name has %d bytes does not exist; names have at most %d", len(e.Name), MaxName)
	}
	if e.Nearest == "" {
		return fmt.Sprintf("scope %q does not exist", e.Name)
	}
	return fmt.Sprintf("scope %q does not exist; the nearest is %q", e.Name, e.Nearest)
}

// CheckName says what is wrong with a scope name, or nil. Names are lower case
// letters, digits and the separators ".", ":", "_" and "-", because these
// are what the vendors use and because they need no quoting in a header.
func CheckName(name string) error {
	switch {
	case name == "":
		return errors.New("must not be empty")
	case len(name) > MaxName:
		return fmt.Errorf("must be at most %d bytes long, it is %d", MaxName, len(name))
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && !strings.ContainsRune(".:_-", r) {
			return fmt.Errorf("may hold lower case letters, digits, \".\", \":\", \"_\" and \"-\" only, not %q", r)
		}
	}
	return nil
}

// NewCatalogue checks the definitions and computes their closure. It returns the faults that
// it finds, joined, each a *DefinitionError; of many it tells the first ones. Its time is
// bounded by MostScopes, MostImplied and MostGranted, whatever the scopes imply.
func NewCatalogue(scopes []Scope) (*Catalogue, error) {
	if err := checkSize(scopes); err != nil {
		return nil, err
	}
	c := &Catalogue{
		scopes:  make(map[string]Scope, len(scopes)),
		closure: make(map[string]bitset, len(scopes)),
	}
	f := &faults{}
	c.take(scopes, f)
	c.checkImplied(f)
	if len(f.found) > 0 {
		return nil, f.err()
	}
	for _, cycle := range c.close() {
		d := &DefinitionError{Name: slices.Min(cycle), Cycle: cycle}
		d.Reason = "implies itself: " + d.Path(d.Name)
		f.note(d)
	}
	if len(f.found) > 0 {
		return nil, f.err()
	}
	if err := c.checkGranted(); err != nil {
		return nil, err
	}
	return c, nil
}

// take notes the scopes that have a good name of their own.
func (c *Catalogue) take(scopes []Scope, f *faults) {
	for _, s := range scopes {
		if err := CheckName(s.Name); err != nil {
			f.add(s.Name, "%v", err)
			continue
		}
		if _, twice := c.scopes[s.Name]; twice {
			f.add(s.Name, "is defined twice")
			continue
		}
		if s.Class == "" {
			s.Class = General
		}
		s.Implies = slices.Clone(s.Implies)
		c.scopes[s.Name] = s
		c.names = append(c.names, s.Name)
	}
	slices.Sort(c.names)
}

// checkImplied finds implications of what is not there or of another class.
func (c *Catalogue) checkImplied(f *faults) {
	for _, name := range c.names {
		s := c.scopes[name]
		for _, implied := range s.Implies {
			if f.full() {
				return // looking for the nearest name takes time
			}
			other, ok := c.scopes[implied]
			switch {
			case !ok:
				f.add(name, "implies an unknown one: %v", c.unknown(implied))
			case other.Class != s.Class:
				f.add(name, "of class %s implies %q of class %s; keys never mix classes", shown(s.Class), implied, shown(other.Class))
			}
		}
	}
}

// Names returns every scope's name, sorted.
func (c *Catalogue) Names() []string { return slices.Clone(c.names) }

// Get returns the scope of that name.
func (c *Catalogue) Get(name string) (Scope, bool) {
	s, ok := c.scopes[name]
	s.Implies = slices.Clone(s.Implies)
	return s, ok
}

// maxReported is how many unknown names one error reports. A suggestion costs work for
// each, and nobody reads five hundred of them.
const maxReported = 5

// Check reports the names that the catalogue does not have, joined: the first few
// each as an *UnknownError, then how many more there are.
func (c *Catalogue) Check(names []string) error {
	var faults []error
	unknown := 0
	for _, n := range names {
		if _, ok := c.scopes[n]; ok {
			continue
		}
		if unknown++; unknown <= maxReported {
			faults = append(faults, c.unknown(n))
		}
	}
	if more := unknown - maxReported; more > 0 {
		faults = append(faults, fmt.Errorf("and %d more do not exist", more))
	}
	return errors.Join(faults...)
}

func (c *Catalogue) unknown(name string) *UnknownError {
	return &UnknownError{Name: name, Nearest: Nearest(name, c.names)}
}
