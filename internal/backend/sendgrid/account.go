package sendgrid

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strconv"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// callerKind is what a review calls an API key that calls.
const callerKind = "apikey"

// Account implements backend.Backend. A caller that may not list keys still gets an
// answer: one without a count and a limit of keys, so that no plan is held against
// a number that is not known. To which account it belongs SendGrid tells a key that holds
// a scope for it, and no other.
func (b *Backend) Account(ctx context.Context) (backend.Account, error) {
	return b.account.Get(func() (backend.Account, error) {
		account := backend.Account{
			Platform: platformName, IDNeedsRight: true, APIKey: true, CallerID: b.callerID, Rules: b.rules(), Subaccounts: b.subaccountRules(),
		}
		listed, err := b.list(ctx, "")
		switch {
		case err == nil:
			account.Keys, account.KeyLimit = len(listed), b.platform.Keys.Limit
		case !denied(err):
			return backend.Account{}, explained(err)
		}
		account.Scopes, err = b.scopes(ctx)
		switch {
		case err == nil:
		case status(err) == http.StatusUnauthorized || ctx.Err() != nil || errors.Is(err, backend.ErrUnreachable):
			return backend.Account{}, err
		default:
			account.GrantsUnknown = true
		}
		account.ID, err = b.accountID(ctx, account.Scopes, account.GrantsUnknown)
		return account, err
	})
}

// AccountID implements backend.Backend.
func (b *Backend) AccountID(ctx context.Context) (string, error) {
	account, err := b.Account(ctx)
	if err != nil {
		return "", err
	}
	return b.accountID(ctx, account.Scopes, account.GrantsUnknown)
}

// usernameScope is what a key needs to know whose it is.
const usernameScope = "user.username.read"

// accountID is the number of the account, or of the subuser, that the calling key belongs to
// (reference of users); empty where the key may not know it. held are the key's scopes.
func (b *Backend) accountID(ctx context.Context, held []string, unknown bool) (string, error) {
	if !unknown && !slices.Contains(held, usernameScope) {
		return "", nil
	}
	var in struct {
		ID int64 `json:"user_id"`
	}
	err := b.call(ctx, "", vendor.Call{Method: http.MethodGet, Path: routeUsername, Route: routeUsername, Into: &in})
	if at := status(err); at == http.StatusForbidden || at == http.StatusNotFound {
		return "", nil
	}
	if err != nil {
		return "", explained(err)
	}
	if in.ID <= 0 {
		return "", &backend.Error{Message: "SendGrid answered GET " + routeUsername + " without the number of an account. Check the endpoint, or a proxy on the way."}
	}
	return strconv.FormatInt(in.ID, 10), nil
}

func (b *Backend) rules() backend.KeyRules {
	keys := b.platform.Keys
	return backend.KeyRules{
		NameRequired: keys.NameRequired, EditScopes: keys.EditScopes, Expiry: keys.Expiry, Disable: keys.Disable, Rotate: keys.Rotate,
		// A secret never changes (reference): a new one is a new key.
		Replace: true, MaxOverlap: backend.LongestOverlap, DescriptionInState: true, NamesRepeat: true, Needs: needsOf("api_keys"),
	}
}

// subaccountRules leaves Used at 0: SendGrid tells no limit to hold it against.
// newUsername is what a new subuser may be called. The reference has no rule, so that this
// is only what a header carries whole: calls for a subuser have its name in one.
var newUsername = regexp.MustCompile(`^[^\s\p{Cc}](?:[^\p{Cc}]{0,254}[^\s\p{Cc}])?$`)

const newUsernameWords = "1 to 256 characters, none of them a control character, and without spaces at its ends"

func (b *Backend) subaccountRules() *backend.SubaccountRules {
	subs := b.platform.Subaccounts
	return &backend.SubaccountRules{
		Limit: subs.Limit, Handle: newUsername, HandleWords: newUsernameWords,
		KeyLimit: subs.KeyLimit, NameInState: true, Address: true, OnlyIPv4: true, Needs: needsOf("subusers"),
	}
}

// needsOf are the scopes that the calls of a group need (API Key Permissions page).
func needsOf(group string) backend.Needs {
	return backend.Needs{Create: group + ".create", Update: group + ".update", Delete: group + ".delete"}
}

// scopes are what the calling key holds, without those that SendGrid adds by itself:
// it gives away no others (API Key Permissions page).
func (b *Backend) scopes(ctx context.Context) ([]string, error) {
	return b.held.Get(func() ([]string, error) {
		var in struct {
			Scopes *[]string `json:"scopes"`
		}
		err := b.call(ctx, "", vendor.Call{Method: http.MethodGet, Path: routeScopes, Route: routeScopes, Into: &in})
		if err != nil {
			return nil, explained(err)
		}
		if in.Scopes == nil { // no list is not an empty one
			return nil, &backend.Error{Message: "SendGrid answered GET " + routeScopes + " without a list of scopes. Check the endpoint, or a proxy on the way."}
		}
		chosen, _ := b.split(*in.Scopes)
		return chosen, nil
	})
}

// split parts the scopes that were chosen from those that SendGrid adds by itself.
// Names that no scope can have are left out: they would break whatever shows them.
func (b *Backend) split(names []string) (chosen, automatic []string) {
	chosen, automatic = []string{}, []string{}
	for _, name := range scope.Normal(names) {
		switch {
		case scope.CheckName(name) != nil:
		case b.automatic(name):
			automatic = append(automatic, name)
		default:
			chosen = append(chosen, name)
		}
	}
	return chosen, automatic
}

// AccountNow implements backend.Review. SendGrid tells an API key neither the plan nor
// the standing of its account, nor when it was made.
func (b *Backend) AccountNow(ctx context.Context) (backend.AccountDetail, error) {
	listed, err := b.list(ctx, "")
	if err != nil && !denied(err) {
		return backend.AccountDetail{}, explained(err)
	}
	out := backend.AccountDetail{Platform: platformName, CallerKind: callerKind, CallerID: b.callerID, APIKeys: backend.Quota{Used: int64(len(listed))}}
	if limit := b.platform.Keys.Limit; limit != nil && err == nil {
		most := int64(*limit)
		out.APIKeys.Limit = &most
	}
	out.Scopes, err = b.scopes(ctx)
	if err != nil && !denied(err) {
		return backend.AccountDetail{}, err
	}
	if out.ID, err = b.accountID(ctx, out.Scopes, err != nil); err != nil {
		return backend.AccountDetail{}, err
	}
	subs, err := b.subusers(ctx, "", "")
	switch {
	case err == nil:
		out.Subaccounts = &backend.Quota{Used: int64(len(subs))}
	case !denied(err):
		return backend.AccountDetail{}, explained(err)
	}
	return out, nil
}

// APIKeyUsage implements backend.Review. SendGrid's statistics are of messages, by
// category and subuser, and never by key.
func (b *Backend) APIKeyUsage(context.Context, string, string, int) (backend.APIKeyUsage, error) {
	return backend.APIKeyUsage{}, unsupported("SendGrid does not tell when or how an API key was used: its statistics are of messages, by category and by subuser.")
}
