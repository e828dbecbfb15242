package keyring

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// NewAPIKey asks for a key.
type NewAPIKey struct {
	Name        string
	Description string
	Scopes      []string
	Shape       Shape // adds to Scopes
	Enabled     bool
	ExpiresAt   *time.Time
	Secret      secret.Secret // chosen by the caller; empty for one that is made, which API users cannot have
}

// CreateAPIKey makes a key and its first secret. When idempotencyKey is not
// empty, the same request under the same key gets the first answer again,
// the secret included, for IdempotencyWindow.
func (k *Keyring) CreateAPIKey(ctx context.Context, who Caller, in NewAPIKey, idempotencyKey string) (IssuedAPIKey, error) {
	const action = "apikey.create"
	in.Scopes, in.ExpiresAt = scope.Normal(in.Scopes), utc(in.ExpiresAt)
	once, err := newOnce(who, idempotencyKey, action, []any{in, in.Secret.Reveal(), who.handle})
	if err != nil {
		return IssuedAPIKey{}, err
	}
	give, err := k.prepare(ctx, who, "", in.Secret)
	if err != nil {
		return IssuedAPIKey{}, err
	}
	var issued IssuedAPIKey
	err = k.write(ctx, k.lookup, who, k.keyGate(platform.RightAPIKeysCreate), action, "", func(ctx context.Context, r Reader, who Caller) (*step, error) {
		now := k.second()
		if first, err := once.again(ctx, r, k.believed()); err != nil || first != nil {
			if first != nil {
				issued = *first
			}
			return nil, err
		}
		scopes, err := k.checkNew(ctx, r, who, in, now)
		if err != nil {
			return nil, err
		}
		key := APIKey{
			ID: give.keyID(who.platform), Account: who.Account.ID, Subaccount: who.placeID(), Name: in.Name, Username: give.usernameOf(who.platform),
			Description: in.Description, Scopes: scopes, Enabled: in.Enabled, ExpiresAt: in.ExpiresAt, SecretVersion: 1,
			SecretCreatedAt: now, CreatedAt: now, UpdatedAt: now, Revision: 1,
		}
		minted := give.secretOf(&key, who.platform)
		issued = IssuedAPIKey{APIKeyView: k.keyView(who, key), Secret: give.shown(minted)}
		detail := map[string]any{
			"name": key.Name, "description": key.Description, "scopes": key.Scopes, "effective_scopes": issued.Effective,
			"enabled": key.Enabled, "expires_at": key.ExpiresAt,
		}
		if key.Username != "" {
			detail["username"] = key.Username
		}
		if err := once.sealAnswer(issued); err != nil {
			return nil, err
		}
		return &step{event{Target: key.ID, Detail: detail}, func(w Writer) error {
			if err := w.InsertAPIKey(ctx, key); err != nil {
				return err
			}
			if err := k.keepSecret(ctx, w, key, give, minted, now); err != nil {
				return err
			}
			return once.keep(ctx, w, k.believed())
		}}, nil
	})
	if err != nil {
		return IssuedAPIKey{}, err
	}
	return issued, nil
}

// checkNew refuses a key that may not be, and returns the scopes that it is to have.
func (k *Keyring) checkNew(ctx context.Context, r Reader, who Caller, in NewAPIKey, now time.Time) ([]string, error) {
	p, rules := who.platform, who.keyRules()
	var f faults
	f.keyName(rules, in.Name)
	f.description(in.Description)
	scopes := f.wanted(who, in.Scopes, in.Shape)
	if rules.FixedScopes == nil {
		f.scopes(who, scopes)
	}
	f.expiry(now, in.ExpiresAt)
	f.secret(p, in.Secret)
	if err := f.err(); err != nil {
		return nil, err
	}
	scopes, err := fixed(p, rules, scopes)
	if err != nil {
		return nil, err
	}
	if err := checkSecretSupported(p, in.Secret); err != nil {
		return nil, err
	}
	if err := checkExpirySupported(p, in.ExpiresAt); err != nil {
		return nil, err
	}
	if err := checkDisableSupported(p, in.Enabled); err != nil {
		return nil, err
	}
	if err := allowGrant(who, scopes); err != nil {
		return nil, err
	}
	if err := allowLifetime(who, in.ExpiresAt, "expires_at"); err != nil {
		return nil, err
	}
	if err := checkNameFree(ctx, r, who, in.Name, ""); err != nil {
		return nil, err
	}
	return scopes, checkLimit(ctx, r, who)
}

// checkLimit refuses one more key than the account, or the sub-account, may have.
func checkLimit(ctx context.Context, r Reader, who Caller) error {
	limit, whose := keyLimit(who.platform, who.Account), "account"
	if who.place != nil {
		limit, whose = who.place.keyLimit(who.platform), "sub-account"
	}
	if limit == nil {
		return nil
	}
	n, err := r.CountAPIKeys(ctx, who.Account.ID, who.placeID())
	if err != nil {
		return err
	}
	if n < *limit {
		return nil
	}
	plan, advice := "", ""
	if who.place == nil && who.platform.Plans[who.Account.Plan].APIKeys != nil {
		plan, advice = fmt.Sprintf(" of the plan %q", who.Account.Plan), ", or move to another plan"
	}
	return refuse(api.CodeLimitReached, "The %s has %s and its limit%s is %d. Delete one that is no longer needed%s.", whose, count(n, "API key"), plan, *limit, advice)
}

// checkNameFree refuses a name that another key of the account has, where the
// platform wants unique names.
func checkNameFree(ctx context.Context, r Reader, who Caller, name, self string) error {
	if !who.platform.Keys.UniqueNames || name == "" {
		return nil
	}
	other, err := r.APIKeyNamed(ctx, who.Account.ID, who.placeID(), name)
	if errors.Is(err, ErrNotFound) || err == nil && other.ID == self {
		return nil
	}
	if err != nil {
		return err
	}
	return &Error{
		Code:    api.CodeNameTaken,
		Message: "Another API key has this name already, and no two have the same one. Choose another name.",
		Fields:  []api.FieldError{{Field: "name", Message: fmt.Sprintf("%q is the name of key %s", name, other.ID)}},
	}
}
