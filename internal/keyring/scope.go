package keyring

import (
	"context"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// ScopeView is a scope of the account's catalogue.
type ScopeView struct {
	scope.Scope
	Effective []string
	Builtin   bool
}

// Scopes returns the catalogue that the caller's keys choose from, by name. It
// takes no right but a working credential: what exists is no secret to those
// whose keys are made of it.
func (k *Keyring) Scopes(ctx context.Context, who Caller) ([]ScopeView, error) {
	if err := allowAny(who); err != nil {
		return nil, k.denied(ctx, who, "scope.list", "", err)
	}
	var all []ScopeView
	for _, name := range who.platform.Scopes.Names() {
		all = append(all, scopeView(who, name))
	}
	return all, nil
}

// Scope returns one scope of the catalogue.
func (k *Keyring) Scope(ctx context.Context, who Caller, name string) (ScopeView, error) {
	if err := allowAny(who); err != nil {
		return ScopeView{}, k.denied(ctx, who, "scope.read", "", err)
	}
	if scope.CheckName(name) != nil {
		return ScopeView{}, refuse(api.CodeNotFound, "There is no such scope.") // not repeated: see isID
	}
	if err := who.platform.Scopes.Check([]string{name}); err != nil {
		return ScopeView{}, refuse(api.CodeNotFound, "The %v.", err)
	}
	return scopeView(who, name), nil
}

func scopeView(who Caller, name string) ScopeView {
	s, _ := who.platform.Scopes.Get(name)
	return ScopeView{Scope: s, Effective: who.platform.Scopes.Effective([]string{name}), Builtin: true}
}
