package keyring

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// find returns a key of the place where the caller works. ifMatch, when not nil, is the
// revision that it must have.
func (k *Keyring) find(ctx context.Context, r Reader, who Caller, id string, ifMatch *int64) (APIKey, error) {
	if !who.platform.IsKeyID(id) {
		return APIKey{}, refuse(api.CodeNotFound, "There is no such API key in this account.")
	}
	key, err := r.APIKey(ctx, who.Account.ID, id)
	if errors.Is(err, ErrNotFound) || err == nil && key.Subaccount != who.placeID() {
		where := "account"
		if who.place != nil {
			where = "sub-account"
		}
		return APIKey{}, refuse(api.CodeNotFound, "There is no API key %q in this %s.", id, where)
	}
	if err != nil {
		return key, err
	}
	if ifMatch != nil && *ifMatch != key.Revision {
		return key, refuse(api.CodeStaleRevision, "The key has changed: it is at revision %d, the request was made for %d. Nothing was done; read it again and decide anew.", key.Revision, *ifMatch)
	}
	return key, nil
}

// APIKey returns one key.
func (k *Keyring) APIKey(ctx context.Context, who Caller, id string) (APIKeyView, error) {
	var v APIKeyView
	err := k.read(ctx, k.lookup, who, platform.RightAPIKeysRead, "apikey.read", id, func(r Reader, who Caller) error {
		key, err := k.find(ctx, r, who, id, nil)
		v = k.keyView(who, key)
		return err
	})
	return v, err
}

// APIKeyFilter selects keys of the caller's account. Zero fields select all.
type APIKeyFilter struct {
	IDs        []string
	Name       string
	NamePrefix string
	Status     string
	Scope      string
	Cursor     string
	Limit      int // 1 to api.MaxPageSize
}

// APIKeys returns a page of keys, oldest first, and the cursor of the next one.
func (k *Keyring) APIKeys(ctx context.Context, who Caller, in APIKeyFilter) ([]APIKeyView, string, error) {
	q := APIKeyQuery{
		Account: who.Account.ID, IDs: in.IDs, Name: in.Name, NamePrefix: in.NamePrefix, Status: in.Status, Now: k.Now(), Scope: in.Scope,
		Limit: in.Limit,
	}
	var f faults
	f.limit(in.Limit)
	if len(in.IDs) > api.MaxPageSize {
		f.add("ids", "must name at most %d keys", api.MaxPageSize)
	}
	if states := []string{api.StatusActive, api.StatusInactive, api.StatusExpired, api.StatusLocked}; in.Status != "" && !slices.Contains(states, in.Status) {
		f.add("status", "must be one of %s", quoted(states))
	}
	f.cursor(in.Cursor, &q.After)
	if err := f.err(); err != nil {
		return nil, "", err
	}
	views := []APIKeyView{}
	var next int64
	err := k.read(ctx, k.view, who, platform.RightAPIKeysRead, "apikey.list", "", func(r Reader, who Caller) error {
		q.Subaccount = who.placeID()
		var found []APIKey
		var err error
		if found, next, err = r.APIKeys(ctx, q); err != nil {
			return err
		}
		for _, key := range found {
			views = append(views, k.keyView(who, key))
		}
		return nil
	})
	if err != nil {
		return nil, "", err
	}
	return views, nextCursor(next), nil
}

// APIKeyChange changes a key. What is nil stays as it is.
type APIKeyChange struct {
	Name         *string
	Description  *string
	Scopes       []string
	Shape        Shape // adds to Scopes; both empty leave the scopes as they are
	Enabled      *bool
	ChangeExpiry bool // whether ExpiresAt is meant
	ExpiresAt    *time.Time
}

// UpdateAPIKey changes a key. A change that changes nothing writes nothing.
func (k *Keyring) UpdateAPIKey(ctx context.Context, who Caller, id string, in APIKeyChange, ifMatch *int64) (APIKeyView, error) {
	var v APIKeyView
	err := k.write(ctx, k.lookup, who, k.keyGate(platform.RightAPIKeysUpdate), "apikey.update", id, func(ctx context.Context, r Reader, who Caller) (*step, error) {
		before, err := k.find(ctx, r, who, id, ifMatch)
		if err != nil {
			return nil, err
		}
		now := k.second()
		var f faults
		wanted := in
		if in.Scopes != nil || !in.Shape.empty() {
			wanted.Scopes = f.wanted(who, in.Scopes, in.Shape)
		}
		if err := f.err(); err != nil {
			return nil, err
		}
		after, detail := applyChange(before, wanted)
		v = k.keyView(who, before)
		if len(detail) == 0 {
			return nil, nil //nolint:nilnil // nothing changes, nothing is written
		}
		if err := k.checkChange(ctx, r, who, before, after, now); err != nil {
			return nil, err
		}
		after.UpdatedAt = now
		after.Revision++
		v = k.keyView(who, after)
		if _, ok := detail["scopes"]; ok {
			was := who.catalogue.Effective(before.Scopes)
			detail["gained_scopes"], detail["lost_scopes"] = scope.Added(was, v.Effective), scope.Added(v.Effective, was)
		}
		urgency := urgencyOf(who, before, after)
		return &step{event{Target: id, Detail: detail}, func(w Writer) error {
			w.Mark(urgency)
			return w.UpdateAPIKey(ctx, after)
		}}, nil
	})
	return v, err
}

// applyChange returns the key as it would be, and what differs.
func applyChange(before APIKey, in APIKeyChange) (APIKey, map[string]any) {
	after, detail := before, map[string]any{}
	if in.Name != nil && *in.Name != before.Name {
		after.Name = *in.Name
		detail["name"] = change{before.Name, after.Name}
	}
	if in.Description != nil && *in.Description != before.Description {
		after.Description = *in.Description
		detail["description"] = change{before.Description, after.Description}
	}
	if in.Scopes != nil && !slices.Equal(scope.Normal(in.Scopes), before.Scopes) {
		after.Scopes = scope.Normal(in.Scopes)
		detail["scopes"] = change{before.Scopes, after.Scopes}
	}
	if in.Enabled != nil && *in.Enabled != before.Enabled {
		after.Enabled = *in.Enabled
		detail["enabled"] = change{before.Enabled, after.Enabled}
	}
	if in.ChangeExpiry && !sameTime(in.ExpiresAt, before.ExpiresAt) {
		after.ExpiresAt = utc(in.ExpiresAt)
		detail["expires_at"] = change{before.ExpiresAt, after.ExpiresAt}
	}
	return after, detail
}

// urgencyOf is the urgency of a change of a key. One that gives anything is ordinary;
// narrower scopes and earlier expiries can be asked for without end.
func urgencyOf(who Caller, before, after APIKey) Urgency {
	gains := len(scope.Added(who.catalogue.Effective(before.Scopes), who.catalogue.Effective(after.Scopes))) > 0
	loses := !slices.Equal(before.Scopes, after.Scopes)
	if !sameTime(before.ExpiresAt, after.ExpiresAt) {
		loses = true
		gains = gains || after.ExpiresAt == nil || before.ExpiresAt != nil && after.ExpiresAt.After(*before.ExpiresAt)
	}
	switch {
	case before.Enabled && !after.Enabled:
		return TakesPower // whatever else it gives, the key does not work
	case gains || !before.Enabled && after.Enabled || !loses:
		return Ordinary
	}
	return ReplacesPower
}

// checkChange refuses a change that may not be. Fields that stay are not judged
// again, but for the scopes: whoever changes a key must hold all of it.
func (k *Keyring) checkChange(ctx context.Context, r Reader, who Caller, before, after APIKey, now time.Time) error {
	p := who.platform
	var f faults
	if after.Name != before.Name {
		f.keyName(who.keyRules(), after.Name)
	}
	if after.Description != before.Description {
		f.description(after.Description)
	}
	rescoped := !slices.Equal(after.Scopes, before.Scopes)
	if fixed := who.keyRules().FixedScopes; rescoped && fixed != nil && len(*fixed) == 0 {
		return errNoScopes(p)
	}
	if rescoped && !who.keyRules().EditScopes {
		return unsupported("scopes", "keys of %s keep the scopes that they were made with; make a new key", p.Title)
	}
	if rescoped {
		f.scopes(who, after.Scopes)
	}
	newExpiry := !sameTime(after.ExpiresAt, before.ExpiresAt)
	if newExpiry {
		f.expiry(now, after.ExpiresAt)
	}
	if err := f.err(); err != nil {
		return err
	}
	if newExpiry {
		if before.Status(k.Now()) == api.StatusExpired {
			return errExpired(before)
		}
		if err := checkExpirySupported(p, after.ExpiresAt); err != nil {
			return err
		}
	}
	if err := checkDisableSupported(p, after.Enabled); err != nil {
		return err
	}
	// Both what it holds and what it is to hold: else a weak caller could
	// shape a key that is stronger than itself.
	if err := allowGrant(who, append(slices.Clone(before.Scopes), after.Scopes...)); err != nil {
		return err
	}
	if givesTime(who, before, after) {
		if err := allowLifetime(who, after.ExpiresAt, "expires_at"); err != nil {
			return err
		}
	}
	if after.Name != before.Name {
		return checkNameFree(ctx, r, who, after.Name, after.ID)
	}
	return nil
}

// DeleteAPIKey removes a key and its secrets for good.
func (k *Keyring) DeleteAPIKey(ctx context.Context, who Caller, id string, ifMatch *int64) error {
	return k.write(ctx, k.lookup, who, k.keyGate(platform.RightAPIKeysDelete), "apikey.delete", id, func(ctx context.Context, r Reader, who Caller) (*step, error) {
		key, err := k.find(ctx, r, who, id, ifMatch)
		if err != nil {
			return nil, err
		}
		gone := event{Target: id, Detail: map[string]any{"name": key.Name, "scopes": key.Scopes}}
		return &step{gone, func(w Writer) error {
			w.Mark(TakesPower)
			return w.DeleteAPIKey(ctx, who.Account.ID, id)
		}}, nil
	})
}
