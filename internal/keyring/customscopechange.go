package keyring

import (
	"context"
	"fmt"
	"slices"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// CustomScopeChange changes a scope. What is nil stays as it is.
type CustomScopeChange struct {
	Description *string
	Group       *string
	Implies     *[]string
}

// UpdateScope changes a scope of the account. A new set of what it implies changes at
// once what every key that holds it may do, so it takes what a change of all of
// these keys would: the caller holds all that it implied and is to imply. The
// answer and the audit record say how many keys are touched, as counted just before. It need not hold the
// scope itself, whose name stays with whoever has it.
func (k *Keyring) UpdateScope(ctx context.Context, who Caller, name string, in CustomScopeChange, ifMatch *int64) (ScopeChange, error) {
	var out ScopeChange
	var prepared definitions
	err := k.write(ctx, k.view, who, accountGate(platform.RightScopesWrite), "scope.update", "", func(ctx context.Context, r Reader, who Caller) (*step, error) {
		before, err := prepared.find(ctx, r, who, name, ifMatch)
		if err != nil {
			return nil, err
		}
		after, detail := in.apply(before)
		held, err := prepared.heldBy(ctx, r, who, name)
		if err != nil {
			return nil, err
		}
		out = ScopeChange{ScopeView: customView(who.catalogue, before), APIKeys: held.n}
		if len(detail) == 0 {
			return nil, nil //nolint:nilnil // nothing changes, nothing is written
		}
		var f faults
		f.scopeTexts(after)
		if err := f.err(); err != nil {
			return nil, err
		}
		c, err := prepared.with(who, after)
		if err != nil {
			return nil, err
		}
		urgency := Ordinary
		if _, redefined := detail["implies"]; redefined {
			was, is := who.catalogue.Effective([]string{name}), c.Effective([]string{name})
			if err := allowDefine(who, scope.Added([]string{name}, append(slices.Clone(was), is...))); err != nil {
				return nil, err
			}
			gained, lost := scope.Added(was, is), scope.Added(is, was)
			if err := allowGain(ctx, r, who, held.granting, gained); err != nil {
				return nil, err
			}
			detail["gained_scopes"], detail["lost_scopes"] = gained, lost
			if len(gained) == 0 && len(lost) > 0 {
				urgency = ReplacesPower // every key with the scope loses something
			}
			detail["apikeys"], detail["some_apikeys"] = held.n, ids(held.some)
		}
		after.UpdatedAt = k.second()
		after.Revision++
		out.ScopeView = customView(c, after)
		return &step{event{Target: name, Detail: detail}, func(w Writer) error {
			w.Mark(urgency)
			return w.UpdateCustomScope(ctx, after)
		}}, nil
	})
	return out, err
}

// apply returns the scope as it would be, and what differs.
func (in CustomScopeChange) apply(before CustomScope) (CustomScope, map[string]any) {
	after, detail := before, map[string]any{}
	if in.Description != nil && *in.Description != before.Description {
		after.Description = *in.Description
		detail["description"] = change{before.Description, after.Description}
	}
	if in.Group != nil && orElse(*in.Group, defaultGroup) != before.Group {
		after.Group = orElse(*in.Group, defaultGroup)
		detail["group"] = change{before.Group, after.Group}
	}
	if in.Implies != nil && !slices.Equal(scope.Normal(*in.Implies), scope.Normal(before.Implies)) {
		after.Implies = scope.Normal(*in.Implies)
		detail["implies"] = change{before.Implies, after.Implies}
	}
	return after, detail
}

// DeleteScope removes a scope of the account. One that keys were given, or that another
// scope implies, stays: they would lose a part of what they are without a word.
func (k *Keyring) DeleteScope(ctx context.Context, who Caller, name string, ifMatch *int64) error {
	var prepared definitions
	return k.write(ctx, k.view, who, accountGate(platform.RightScopesWrite), "scope.delete", "", func(ctx context.Context, r Reader, who Caller) (*step, error) {
		s, err := prepared.find(ctx, r, who, name, ifMatch)
		if err != nil {
			return nil, err
		}
		var fields []api.FieldError
		given, err := r.HasAPIKeyGiven(ctx, who.Account.ID, []string{name})
		if err != nil {
			return nil, err
		}
		if given {
			keys, n, err := r.APIKeysGiven(ctx, who.Account.ID, []string{name}, shownKeys)
			if err != nil {
				return nil, err
			}
			fields = append(fields, api.FieldError{Field: "name", Message: fmt.Sprintf("is given to %s: %s", count(n, "API key"), named(keys, n))})
		}
		var implying []string
		for _, other := range prepared.custom {
			if slices.Contains(other.Implies, name) {
				implying = append(implying, other.Name)
			}
		}
		if len(implying) > 0 {
			fields = append(fields, api.FieldError{Field: "name", Message: "is implied by " + quoted(implying)})
		}
		if len(fields) > 0 {
			return nil, &Error{Code: api.CodeInUse, Message: "The scope is in use. Take it from these first.", Fields: fields}
		}
		return &step{event{Target: name, Detail: map[string]any{
			"description": s.Description, "group": s.Group, "class": s.Class, "implies": s.Implies,
		}}, func(w Writer) error { return w.DeleteCustomScope(ctx, who.Account.ID, name) }}, nil
	})
}

// allowGain is the gate for time where all keys with any of these scopes gain some. A
// scope has no expiry, and the keys may be too many to look at each.
func allowGain(ctx context.Context, r Reader, who Caller, granting, gained []string) error {
	err := allowLifetime(who, nil, "implies")
	if err == nil || len(gained) == 0 {
		return nil
	}
	has, readErr := r.HasAPIKeyGiven(ctx, who.Account.ID, granting)
	if readErr != nil {
		return readErr
	}
	if !has {
		return nil
	}
	return err
}

// holders are the keys that hold a scope, by name or by implication.
type holders struct {
	granting []string // the scopes that grant it
	some     []APIKey
	n        int // in all; see Reader.APIKeysGiven
}

// heldBy finds who holds the scope. There may be so many that counting them has no
// place under the write lock: see definitions.
func (d *definitions) heldBy(ctx context.Context, r Reader, who Caller, name string) (holders, error) {
	if d.held == nil {
		h, err := findHolders(ctx, r, who, name)
		if err != nil {
			return h, err
		}
		d.held = &h
	}
	return *d.held, nil
}

func findHolders(ctx context.Context, r Reader, who Caller, name string) (holders, error) {
	var h holders
	for _, other := range who.catalogue.Names() {
		if who.catalogue.Grants(other, name) {
			h.granting = append(h.granting, other)
		}
	}
	var err error
	h.some, h.n, err = r.APIKeysGiven(ctx, who.Account.ID, h.granting, shownKeys)
	return h, err
}

func ids(keys []APIKey) []string {
	out := []string{}
	for _, key := range keys {
		out = append(out, key.ID)
	}
	return out
}
