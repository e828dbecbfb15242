// Package postern is the backend over Postern's own management API.
package postern

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client"
	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

var _ backend.Backend = (*Backend)(nil)

// Backend speaks to one management API with one credential.
type Backend struct {
	client    *client.Client
	account   backend.Once[accountAt]
	catalogue backend.Once[*backend.Catalogue]
	planned   backend.PlannedScopes

	mu     sync.Mutex
	places map[string]keys // by the handle of the sub-account
}

// accountAt is the account with when, by this machine's monotonic clock, it was
// read: the difference since then, added to the server's clock, is the
// server's clock now.
type accountAt struct {
	api.Account
	known backend.Account
	wrong error // with what the server told, instead of known
	read  time.Time
}

// New makes a backend. It calls nothing.
func New(in backend.Settings) (*Backend, error) {
	options := []client.Option{client.WithUserAgent(in.UserAgent)}
	if in.CACertificate != "" {
		options = append(options, client.WithCACertificate([]byte(in.CACertificate)))
	}
	if in.Timeout != 0 {
		options = append(options, client.WithTimeout(in.Timeout))
	}
	if in.MaxRetries != nil {
		options = append(options, client.WithMaxRetries(*in.MaxRetries))
	}
	c, err := client.New(in.Endpoint, in.Credential, options...)
	if err != nil {
		return nil, err
	}
	return &Backend{client: c}, nil
}

func (b *Backend) readAccount(ctx context.Context) (accountAt, error) {
	return b.account.Get(func() (accountAt, error) {
		a, err := b.client.Account.Get(ctx)
		if err != nil {
			return accountAt{}, explained(err)
		}
		at := accountAt{Account: *a, read: time.Now()}
		at.known, at.wrong = accountOf(at.Account)
		return at, nil
	})
}

// Account implements backend.Backend.
func (b *Backend) Account(ctx context.Context) (backend.Account, error) {
	a, err := b.readAccount(ctx)
	if err != nil {
		return backend.Account{}, err
	}
	return a.known, a.wrong
}

// accountOf is what the server told of the account, in the backend's terms.
func accountOf(a api.Account) (backend.Account, error) {
	overlap, err := time.ParseDuration(a.KeyRules.MaxOverlap)
	if err != nil || overlap < 0 {
		return backend.Account{}, fmt.Errorf("the server's key_rules.max_overlap %q is no duration", outside.Line(a.KeyRules.MaxOverlap, outside.MostShort))
	}
	account := backend.Account{
		ID: a.ID, Platform: a.Platform, Keys: a.APIKeys.Used, KeyLimit: a.APIKeys.Limit,
		Rules: backend.KeyRules{
			NameRequired: a.KeyRules.NameRequired, FixedScopes: a.KeyRules.FixedScopes, EditScopes: a.KeyRules.EditScopes,
			Expiry: a.KeyRules.Expiry, Disable: a.KeyRules.Disable, Rotate: a.KeyRules.Rotate, MaxOverlap: overlap,
			OwnerOnly: a.KeyRules.OwnerOnly, Password: a.KeyRules.Password, NamesRepeat: !a.KeyRules.UniqueNames,
			CheckName: func(name string) error { return backend.CheckName(name, mostName) },
		},
		Owner: a.Caller.Kind == api.CallerOwner, APIKey: a.Caller.Kind == api.CallerAPIKey, Scopes: a.Caller.EffectiveScopes, ExpiresAt: a.Caller.ExpiresAt,
	}
	if account.APIKey {
		account.CallerID = a.Caller.ID
	}
	account.Subaccount, account.SecretEndsAt = a.Caller.Subaccount, a.Caller.SecretExpiresAt
	chosenSecrets(&account.Rules, a.KeyRules)
	if !a.KeyRules.Rotate && !a.KeyRules.UniqueNames {
		account.Rules.Replace, account.Rules.MaxOverlap = true, backend.LongestOverlap
	}
	if rules, used := a.SubaccountRules, a.Subaccounts; rules != nil && used != nil {
		handle, err := compiled(rules.Pattern)
		if err != nil {
			return backend.Account{}, err
		}
		account.Subaccounts = &backend.SubaccountRules{
			Used: used.Used, Limit: used.Limit, Handle: handle, HandleWords: outside.Line(rules.Handle, outside.MostLine), Generate: rules.Generate,
			KeyLimit: rules.APIKeyLimit, FixedScopes: rules.FixedScopes, KeyLimits: true, EditName: true,
			CheckName: func(name string) error { return backend.CheckName(name, mostSubaccountName) },
		}
	}
	return account, nil
}

// AccountID implements backend.Backend.
func (b *Backend) AccountID(ctx context.Context) (string, error) {
	a, err := b.client.Account.Get(ctx)
	if err != nil {
		return "", explained(err)
	}
	return a.ID, nil
}

// The longest names that the server takes, in characters.
const (
	mostName           = 100
	mostSubaccountName = 128
)

// mostPattern is the longest pattern of handles, in bytes. Those of the platforms have up to 40.
const mostPattern = 500

// compiled is the pattern of handles. Its errors repeat little of it: it may be anything.
func compiled(pattern string) (*regexp.Regexp, error) {
	if len(pattern) > mostPattern {
		return nil, fmt.Errorf("the server's subaccount_rules.pattern has %d bytes; at most %d are possible", len(pattern), mostPattern)
	}
	compiled, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("the server's subaccount_rules.pattern is no regular expression: %s", outside.Line(err.Error(), outside.MostShort))
	}
	return compiled, nil
}

// chosenSecrets fills in whether a secret may be chosen, and what it must be then.
func chosenSecrets(rules *backend.KeyRules, told api.KeyRules) {
	if f := told.SecretFormat; f != nil {
		format := secret.Format{Prefix: f.Prefix, Alphabet: f.Alphabet, Length: f.Length, Checksum: f.Checksum}
		rules.ChooseSecret = true
		rules.CheckSecret = func(text string) error { return format.CheckChosen(secret.From(text)) }
	}
	if p := told.PasswordRules; p != nil {
		password := platform.PasswordRules{MinLength: p.MinLength, NotOnlyLetters: p.NotOnlyLetters, Forbidden: p.Forbidden}
		rules.ChooseSecret, rules.CheckSecret = true, password.Check
	}
}

// Now implements backend.Backend.
func (b *Backend) Now(ctx context.Context) (time.Time, error) {
	a, err := b.readAccount(ctx)
	if err != nil {
		return time.Time{}, err
	}
	return a.ServerTime.Add(time.Since(a.read)).UTC().Truncate(time.Second), nil
}

// Catalogue implements backend.Backend.
func (b *Backend) Catalogue(ctx context.Context) (*backend.Catalogue, error) {
	return b.catalogue.Get(func() (*backend.Catalogue, error) {
		var scopes []scope.Scope
		own, levels, rights := map[string]bool{}, map[string]string{}, map[string][]string{}
		for s, err := range b.client.Scopes.All(ctx) {
			if err != nil {
				return nil, explained(err)
			}
			if len(scopes) == scope.MostScopes {
				return nil, fmt.Errorf("the server's scope catalogue does not end: it has more than %d scopes", scope.MostScopes)
			}
			scopes = append(scopes, scope.Scope{Name: s.Name, Description: s.Description, Group: s.Group, Class: s.Class, Implies: s.Implies})
			rights[s.Name] = s.Rights
			if !s.Builtin {
				own[s.Name] = true
			}
			if s.Level != "" {
				levels[s.Name] = s.Level
			}
		}
		c, err := scope.NewCatalogue(scopes)
		if err != nil {
			return nil, fmt.Errorf("the server's scope catalogue is not sound: %w", err)
		}
		managing := backend.Managing(c, func(name string) []string { return rights[name] })
		return &backend.Catalogue{Catalogue: c, Own: own, Levels: levels, Managing: managing}, nil
	})
}

// hasCode reports whether the service answered with that code.
func hasCode(err error, code api.Code) bool {
	answer, ok := errors.AsType[*client.Error](err)
	return ok && answer.Code == code
}

// explained turns the client's error into the backend's terms.
func explained(err error) error {
	if err == nil {
		return nil
	}
	out := &backend.Error{Message: err.Error() + ".", Err: err}
	var answer *client.Error
	switch {
	case errors.Is(err, client.ErrNotFound):
		out.Err = backend.ErrNotFound
	case errors.Is(err, client.ErrForbidden):
		out.Err = backend.ErrForbidden
	case errors.Is(err, client.ErrUnreachable):
		out.Err = backend.ErrUnreachable
	case hasCode(err, api.CodeNameTaken) && !errors.Is(err, client.ErrUncertain):
		out.Err = backend.ErrTaken
	case errors.Is(err, client.ErrStale), hasCode(err, api.CodeIdempotencyKeyReused):
		out.Err = backend.ErrStale
	}
	if errors.As(err, &answer) {
		out.Message, out.RequestID = answer.Message, answer.RequestID
		out.Fields = map[string]string{}
		for _, f := range answer.Fields {
			if more, ok := out.Fields[f.Field]; ok {
				f.Message = more + "; " + f.Message
			}
			out.Fields[f.Field] = f.Message
		}
	}
	return out
}
