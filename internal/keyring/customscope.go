package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// CustomScope is a scope that an account has defined. All times are whole seconds in
// UTC.
type CustomScope struct {
	Account     string
	Name        string // unique in the account, and no name of the platform's; never changes
	Description string
	Group       string
	Class       string   // never changes
	Implies     []string // sorted, each once
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Revision    int64
}

const (
	// maxCustomScopes bounds an account's catalogue, which is held in memory.
	maxCustomScopes = 1000
	// defaultGroup is the group of a custom scope that names none.
	defaultGroup = "custom"
	// shownKeys is how many keys a message names.
	shownKeys = 5
)

// ScopeChange is what a change of a scope did.
type ScopeChange struct {
	ScopeView
	APIKeys int // how many keys it touched
}

// NewScope asks for a custom scope.
type NewScope struct {
	Name        string
	Description string
	Group       string // defaultGroup when empty
	Class       string // scope.General when empty
	Implies     []string
}

// CreateScope defines a scope for the account. That gives nobody anything yet: no key
// holds it. Whoever defines it must hold what it implies all the same, else a weak
// caller could prepare what a strong one then grants by a harmless name.
func (k *Keyring) CreateScope(ctx context.Context, who Caller, in NewScope) (ScopeChange, error) {
	var out ScopeChange
	var prepared definitions
	err := k.write(ctx, k.view, who, accountGate(platform.RightScopesWrite), "scope.create", "", func(ctx context.Context, r Reader, who Caller) (*step, error) {
		if err := checkOpen(who.platform); err != nil {
			return nil, err
		}
		now := k.second()
		s := CustomScope{
			Account: who.Account.ID, Name: in.Name, Description: in.Description, Group: orElse(in.Group, defaultGroup), Class: orElse(in.Class, scope.General),
			Implies: scope.Normal(in.Implies), CreatedAt: now, UpdatedAt: now, Revision: 1,
		}
		if err := prepared.read(ctx, r, who); err != nil {
			return nil, err
		}
		if err := checkNewScope(who, prepared.custom, s); err != nil {
			return nil, err
		}
		c, err := prepared.with(who, s)
		if err != nil {
			return nil, err
		}
		if err := allowDefine(who, s.Implies); err != nil {
			return nil, err
		}
		out = ScopeChange{ScopeView: customView(c, s)}
		return &step{event{Target: s.Name, Detail: map[string]any{
			"description": s.Description, "group": s.Group, "class": s.Class, "implies": s.Implies, "effective_scopes": out.Effective,
		}}, func(w Writer) error { return w.InsertCustomScope(ctx, s) }}, nil
	})
	return out, err
}

func orElse(text, instead string) string {
	if text == "" {
		return instead
	}
	return text
}

func checkOpen(p *platform.Platform) error {
	if p.OpenScopes {
		return nil
	}
	return refuse(api.CodeUnsupported, "The scopes of %s are its own: accounts define none. Use those that GET /v1/scopes lists.", p.Title)
}

// checkNewScope refuses a scope that may not be beside those there are.
func checkNewScope(who Caller, existing []CustomScope, s CustomScope) error {
	var f faults
	if err := scope.CheckName(s.Name); err != nil {
		f.add("name", "%s", strings.SplitN(err.Error(), ", not ", 2)[0]) // not repeated: it could be a secret in the wrong place
	}
	f.scopeTexts(s)
	if err := checkText(s.Class, maxName); err != nil {
		f.add("class", "%v", err)
	}
	if err := f.err(); err != nil {
		return err
	}
	_, builtin := who.platform.Scopes.Get(s.Name)
	taken := slices.ContainsFunc(existing, func(o CustomScope) bool { return o.Name == s.Name })
	switch {
	case builtin || slices.Contains(who.platform.Automatic.Names, s.Name):
		return &Error{
			Code:    api.CodeNameTaken,
			Message: fmt.Sprintf("%s has a scope of this name itself. Choose another name.", who.platform.Title),
			Fields:  []api.FieldError{{Field: "name", Message: fmt.Sprintf("%q is a built-in scope", s.Name)}},
		}
	case taken:
		return &Error{
			Code:    api.CodeNameTaken,
			Message: "The account has a scope of this name already. Choose another name, or import that scope.",
			Fields:  []api.FieldError{{Field: "name", Message: fmt.Sprintf("%q is a scope already", s.Name)}},
		}
	case len(existing) >= maxCustomScopes:
		return refuse(api.CodeLimitReached, "The account has %d scopes of its own and the limit is %d. Delete one that is no longer needed.", len(existing), maxCustomScopes)
	}
	return nil
}

// scopeTexts checks what people read of a scope.
func (f *faults) scopeTexts(s CustomScope) {
	f.description(s.Description)
	if err := checkText(s.Group, maxName); err != nil {
		f.add("group", "%v", err)
	}
	if len(s.Implies) > maxScopes {
		f.add("implies", "must hold at most %d scopes, it has %d", maxScopes, len(s.Implies))
	}
}

// allowDefine is the gate for what scopes are made of: guarded like a grant.
func allowDefine(who Caller, names []string) error {
	if len(names) == 0 {
		return nil
	}
	err := allowGrant(who, names)
	if e, ok := errors.AsType[*Error](err); ok {
		e.Message = "The scope would grant more than the credential holds that defines it. Use a credential that holds these scopes too."
		if who.Kind == api.CallerService {
			e.Message = "The credential is limited to some rights and grants nothing, by scopes neither. Use an owner credential, or a key that holds these scopes."
		}
		for i := range e.Fields {
			e.Fields[i].Field = "implies"
		}
		return e
	}
	return err
}

func customView(c *scope.Catalogue, s CustomScope) ScopeView {
	known, _ := c.Get(s.Name)
	return ScopeView{Scope: known, Effective: c.Effective([]string{s.Name}), CreatedAt: &s.CreatedAt, UpdatedAt: &s.UpdatedAt, Revision: s.Revision}
}
