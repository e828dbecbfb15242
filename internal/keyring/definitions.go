package keyring

import (
	"context"
	"errors"
	"slices"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// definitions are the custom scopes of an account as a write has read them. To read all
// of them and to close over them can be much work. A write decides twice, the second
// time under the lock, and what the first time prepared serves the second as long as
// the account's scopes are the same: see Keyring.write.
type definitions struct {
	revision int64
	custom   []CustomScope // by name; nil until read
	held     *holders      // of the scope that is changed; nil until found

	// The catalogue with one definition added or changed, and what was wrong with that.
	changed *CustomScope
	next    *scope.Catalogue
	err     error
}

// read reads the account's custom scopes, unless they are read already.
func (d *definitions) read(ctx context.Context, r Reader, who Caller) error {
	if d.custom != nil && d.revision == who.Account.ScopesRevision {
		return nil
	}
	custom, err := r.CustomScopes(ctx, who.Account.ID)
	if err != nil {
		return err
	}
	*d = definitions{revision: who.Account.ScopesRevision, custom: append([]CustomScope{}, custom...)}
	return nil
}

// find returns a scope that the account has defined. ifMatch, when not nil, is the
// revision that it must have.
func (d *definitions) find(ctx context.Context, r Reader, who Caller, name string, ifMatch *int64) (CustomScope, error) {
	if err := checkScopeThere(who, name); err != nil {
		return CustomScope{}, err
	}
	if _, builtin := who.platform.Scopes.Get(name); builtin {
		return CustomScope{}, refuse(api.CodeScopeBuiltin, "The scope %q is defined by %s and cannot be changed. Define one of your own that implies it.", name, who.platform.Title)
	}
	if err := d.read(ctx, r, who); err != nil {
		return CustomScope{}, err
	}
	i := slices.IndexFunc(d.custom, func(o CustomScope) bool { return o.Name == name })
	if i < 0 {
		return CustomScope{}, checkScopeThere(who, name)
	}
	if s := d.custom[i]; ifMatch != nil && *ifMatch != s.Revision {
		return s, refuse(api.CodeStaleRevision, "The scope has changed: it is at revision %d, the request was made for %d. Nothing was done; read it again and decide anew.", s.Revision, *ifMatch)
	}
	return d.custom[i], nil
}

// with returns the catalogue as it would be with the new or changed definition, or what
// is wrong with that. What a changed one implies is judged only where it differs: the
// platform may have changed since.
func (d *definitions) with(who Caller, s CustomScope) (*scope.Catalogue, error) {
	if d.changed != nil && sameDefinition(*d.changed, s) {
		return d.next, d.err
	}
	all := slices.Clone(d.custom)
	i := slices.IndexFunc(all, func(o CustomScope) bool { return o.Name == s.Name })
	judge := i < 0 || !slices.Equal(all[i].Implies, s.Implies)
	if i < 0 {
		all = append(all, s)
	} else {
		all[i] = s
	}
	d.changed = &s
	if judge {
		d.next, d.err = checkDefinition(who, all, s)
	} else {
		d.next, d.err = withCustom(who.platform, all)
	}
	return d.next, d.err
}

// sameDefinition reports whether the two differ in nothing but their times.
func sameDefinition(a, b CustomScope) bool {
	return a.Name == b.Name && a.Class == b.Class && a.Group == b.Group && a.Description == b.Description && slices.Equal(a.Implies, b.Implies)
}

// checkDefinition returns the catalogue with all of the custom scopes, or what is wrong
// with the one that is new in it: an unknown name, another class, a cycle.
func checkDefinition(who Caller, custom []CustomScope, s CustomScope) (*scope.Catalogue, error) {
	classes := classesOf(who.platform, custom)
	var f faults
	var unknown []string
	mixed := 0
	for _, name := range s.Implies {
		switch class, known := classes[name]; {
		case !known:
			unknown = append(unknown, name)
		case class != s.Class:
			if mixed++; mixed <= maxShownFaults {
				f.add("implies", "%q is of class %q and this scope is of class %q; keys never mix classes", name, class, s.Class)
			}
		}
	}
	if more := mixed - maxShownFaults; more > 0 {
		f.add("implies", "and %d more are of another class than %q", more, s.Class)
	}
	for _, one := range joined(who.catalogue.Check(unknown)) {
		f.add("implies", "%v", one)
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	c, err := withCustom(who.platform, custom)
	for _, one := range joined(err) {
		d, ok := errors.AsType[*scope.DefinitionError](one)
		if !ok {
			return nil, one
		}
		// A cycle goes through the new definition: without it there was none.
		if len(d.Cycle) > 0 {
			f.add("implies", "must not lead back to the scope: it implies itself: %s", d.Path(s.Name))
		}
	}
	if err != nil && len(f) == 0 {
		return nil, err
	}
	return c, f.err()
}

// maxShownFaults is how many faults of one kind an error names.
const maxShownFaults = 5

// classesOf are the classes of all scopes by their names. A built-in one wins over a
// custom one of its name.
func classesOf(p *platform.Platform, custom []CustomScope) map[string]string {
	classes := map[string]string{}
	for _, c := range custom {
		classes[c.Name] = c.Class
	}
	for _, name := range p.Scopes.Names() {
		s, _ := p.Scopes.Get(name)
		classes[name] = s.Class
	}
	return classes
}
