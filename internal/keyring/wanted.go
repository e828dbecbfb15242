package keyring

import (
	"errors"
	"slices"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// Shape asks for many scopes at once, in the platform's terms.
type Shape struct {
	Access map[string]string // group -> platform.LevelNone, LevelRead or LevelFull
	Preset string
}

func (s Shape) empty() bool { return len(s.Access) == 0 && s.Preset == "" }

// wanted returns the scopes that are asked for by name and by shape together.
func (f *faults) wanted(who Caller, names []string, shape Shape) []string {
	more, err := who.platform.Expand(shape.Access, shape.Preset)
	for _, one := range joined(err) {
		if s, ok := errors.AsType[*platform.ShapeError](one); ok {
			f.add(s.Field, "%s", s.Reason)
		}
	}
	return scope.Normal(append(slices.Clone(names), more...))
}

// joined returns the errors that errors.Join put together.
func joined(err error) []error {
	if all, ok := err.(interface{ Unwrap() []error }); ok {
		return all.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// scopes checks a set that a key is to be given.
func (f *faults) scopes(who Caller, names []string) {
	switch {
	case len(names) == 0:
		f.add("scopes", "must hold at least one scope; left out or empty never means everything")
		return
	case len(names) > maxScopes:
		f.add("scopes", "must hold at most %d scopes, it has %d", maxScopes, len(names))
		return
	}
	for _, name := range names {
		if slices.Contains(who.platform.Automatic.Names, name) {
			f.add("scopes", "%q is added by %s itself; leave it out", name, who.platform.Title)
			return
		}
	}
	if err := who.catalogue.Check(names); err != nil {
		f.add("scopes", "%s", strings.ReplaceAll(err.Error(), "\n", "; "))
		return
	}
	if classes := who.catalogue.Classes(names); len(classes) > 1 {
		f.add("scopes", "mix the classes %s; make one key for each class", quoted(classes))
	}
}

// fixed returns the scopes that a key gets: where the platform fixes them, these and
// no others may be asked for.
func fixed(p *platform.Platform, rules platform.KeyRules, wanted []string) ([]string, error) {
	if rules.FixedScopes == nil || slices.Equal(wanted, *rules.FixedScopes) {
		return wanted, nil
	}
	if len(wanted) == 0 {
		return slices.Clone(*rules.FixedScopes), nil
	}
	if len(*rules.FixedScopes) == 0 {
		return nil, errNoScopes(p)
	}
	return nil, unsupported("scopes", "these keys of %s hold exactly %s; leave it out", p.Title, quoted(*rules.FixedScopes))
}

func errNoScopes(p *platform.Platform) error {
	return unsupported("scopes", "keys of %s have no scopes; leave it out", p.Title)
}
