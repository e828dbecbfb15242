package keyring

import (
	"context"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// ScopeView is a scope of the account's catalogue.
type ScopeView struct {
	scope.Scope
	Level     string   // of its group; empty where the platform has none
	Rights    []string // of platform.Rights that it gives by itself
	Effective []string
	Builtin   bool
	CreatedAt *time.Time // these three of a custom one only
	UpdatedAt *time.Time
	Revision  int64
}

// Scopes returns the catalogue that the caller's keys choose from, by name. It
// takes no right but a working credential: what exists is no secret to those
// whose keys are made of it.
func (k *Keyring) Scopes(ctx context.Context, who Caller) ([]ScopeView, error) {
	var all []ScopeView
	err := k.view(ctx, func(r Reader) error {
		if err := allowAny(who); err != nil {
			return err
		}
		var err error
		all, err = scopeViews(ctx, r, who, who.catalogue.Names())
		return err
	})
	return all, k.denied(ctx, who, "scope.list", "", err)
}

// scopeViews shows those of the names that are still there. It reads the custom scopes
// anew.
func scopeViews(ctx context.Context, r Reader, who Caller, names []string) ([]ScopeView, error) {
	custom := map[string]CustomScope{}
	if who.Account.ScopesRevision > 0 {
		found, err := r.CustomScopes(ctx, who.Account.ID)
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			custom[s.Name] = s
		}
	}
	var all []ScopeView
	for _, name := range names {
		if s, builtin := who.platform.Scopes.Get(name); builtin {
			all = append(all, ScopeView{Scope: s, Level: who.platform.Level(name), Rights: who.platform.Rights([]string{name}), Effective: who.catalogue.Effective([]string{name}), Builtin: true})
		} else if c, ok := custom[name]; ok { // else it was deleted since the caller came in
			all = append(all, customView(who.catalogue, c))
		}
	}
	return all, nil
}

// Scope returns one scope of the catalogue, with how many keys hold it where the
// caller may read keys; else 0.
func (k *Keyring) Scope(ctx context.Context, who Caller, name string) (ScopeChange, error) {
	var out ScopeChange
	err := k.view(ctx, func(r Reader) error {
		if err := allowAny(who); err != nil {
			return err
		}
		if err := checkScopeThere(who, name); err != nil {
			return err
		}
		found, err := scopeViews(ctx, r, who, []string{name})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return refuse(api.CodeNotFound, "The scope %q was deleted.", name)
		}
		out.ScopeView = found[0]
		if allowAccount(who, platform.RightAPIKeysRead) == nil {
			var held holders
			held, err = findHolders(ctx, r, who, name)
			out.APIKeys = held.n
		}
		return err
	})
	return out, k.denied(ctx, who, "scope.read", "", err)
}

// checkScopeThere refuses a name that the caller's catalogue does not have. What
// cannot be a name is not repeated: see Platform.IsKeyID.
func checkScopeThere(who Caller, name string) error {
	if scope.CheckName(name) != nil {
		return refuse(api.CodeNotFound, "There is no such scope.")
	}
	if err := who.catalogue.Check([]string{name}); err != nil {
		return refuse(api.CodeNotFound, "The %v.", err)
	}
	return nil
}

// Shapes returns the ways to ask for many scopes at once that the platform has.
func (k *Keyring) Shapes(ctx context.Context, who Caller) ([]platform.Preset, []platform.Group, error) {
	if err := allowAny(who); err != nil {
		return nil, nil, k.denied(ctx, who, "scope.list", "", err)
	}
	return who.platform.Presets, who.platform.Groups, nil
}
