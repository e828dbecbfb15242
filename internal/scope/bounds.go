package scope

import (
	"errors"
	"fmt"
	"strings"
)

// The bounds of a catalogue, which may come from a service that is broken or hostile. The
// largest one of a real service has 274 scopes.
const (
	MostScopes  = 10_000
	MostImplied = 200_000 // names in all Implies together
	// MostGranted is how many scopes all scopes together may grant, each counted with all that
	// it implies: whoever lists a catalogue shows that many.
	MostGranted = 1_000_000
	mostFaults  = 10 // that one error tells: nobody mends more at a time
	mostShown   = 64 // bytes of a name or a class that an error shows
)

// shown quotes a name for an error, and cuts one that is no name off.
func shown(name string) string {
	if len(name) <= mostShown {
		return fmt.Sprintf("%q", name)
	}
	return fmt.Sprintf("%q", strings.ToValidUTF8(name[:mostShown], "")) + "..."
}

// faults are the first ones that were found.
type faults struct{ found []error }

func (f *faults) full() bool { return len(f.found) >= mostFaults }

func (f *faults) add(name, format string, args ...any) {
	f.note(&DefinitionError{Name: name, Reason: fmt.Sprintf(format, args...)})
}

func (f *faults) note(fault *DefinitionError) {
	if !f.full() {
		f.found = append(f.found, fault)
	}
}

func (f *faults) err() error { return errors.Join(f.found...) }

// checkSize refuses more scopes, or more that they imply, than MostScopes and MostImplied.
func checkSize(scopes []Scope) error {
	if len(scopes) > MostScopes {
		return fmt.Errorf("there are %d scopes; at most %d are possible", len(scopes), MostScopes)
	}
	implied := 0
	for _, s := range scopes {
		implied += len(s.Implies)
	}
	if implied > MostImplied {
		return fmt.Errorf("the scopes imply too many others directly: %d names, and at most %d are possible", implied, MostImplied)
	}
	return nil
}

// checkGranted refuses scopes that grant more than MostGranted together.
func (c *Catalogue) checkGranted() error {
	granted := 0
	for _, closure := range c.closure {
		granted += closure.len()
	}
	if granted > MostGranted {
		return fmt.Errorf("the scopes imply too much: with all that they imply, they name %d scopes, and at most %d are possible", granted, MostGranted)
	}
	return nil
}
