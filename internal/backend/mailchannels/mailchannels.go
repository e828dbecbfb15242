// Package mailchannels is the backend over MailChannels' Email API: sub-accounts and
// their keys. Keys of the account itself are made in MailChannels' Console only.
//
// The API has no call for one sub-account or one key, none that changes a key, and
// keeps no name or label with it. So reading is to list and to find, a change of a
// key is a new key, and names are labels in the state. It declares no body for most
// of its errors: the driver goes by statuses alone.
//
// Facts are from MailChannels' OpenAPI description, 0.21.1 and 1.7.1. The simulator
// of its npm SDK 0.7.11 departs from that, and the driver takes both: the simulator
// overwrites a sub-account of the same handle (so the driver looks before it makes
// one), lists whole keys (which never get into a hint), ignores limit and offset (so
// a page without anything new is the last), answers 404 to the deletion of an
// unknown sub-account, 204 without a body to a new limit, and times where a usage
// has dates.
package mailchannels

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

var _ backend.Backend = (*Backend)(nil)

// DefaultEndpoint is MailChannels' own.
const DefaultEndpoint = "https://api.mailchannels.net"

// Name is the platform's.
const Name = "mailchannels"

// Backend speaks to MailChannels with one key of an account. It is safe for concurrent
// use.
type Backend struct {
	caller   *vendor.Caller
	platform *platform.Platform
	subs     *shared[[]listedSubaccount]
	count    backend.Once[int] // of sub-accounts, for Account
	planned  backend.PlannedScopes
	settle   time.Duration // how long a lost request may still be at work; a seam for tests

	mu     sync.Mutex
	places map[string]*keys // by the handle of the sub-account
}

// New makes a backend. It calls nothing. Without an endpoint it is DefaultEndpoint; one may
// end with /tx/v1, with which all paths begin.
func New(in backend.Settings) (*Backend, error) { return open(in, 0) }

// open is New at so many requests a second; 0 for the transport's default.
func open(in backend.Settings, perSecond float64) (*Backend, error) {
	if in.Endpoint == "" {
		in.Endpoint = DefaultEndpoint
	}
	p, err := platform.Builtin(Name)
	if err != nil {
		return nil, fmt.Errorf("reading the platform's rules: %w", err)
	}
	caller, err := vendor.New(vendor.Settings{
		Service: "MailChannels", Endpoint: strings.TrimSuffix(strings.TrimRight(in.Endpoint, "/"), "/tx/v1"),
		Credential: in.Credential, Header: map[string]string{"X-Api-Key": in.Credential},
		UserAgent: in.UserAgent, CACertificate: in.CACertificate, Timeout: in.Timeout, MaxRetries: in.MaxRetries, PerSecond: perSecond,
		Secrets: secrets, Read: said,
	})
	if err != nil {
		return nil, err
	}
	const settle = 2 * time.Second
	b := &Backend{caller: caller, platform: p, settle: settle, places: map[string]*keys{}}
	b.subs = newShared(b.listSubaccounts)
	return b, nil
}

// secrets is what may be a key: MailChannels documents no format.
var secrets = regexp.MustCompile(`[0-9A-Za-z_-]{32,}`)

// said reads an error's body: of the three shapes that the official SDK takes, and of
// the simulator's.
func said(body []byte) []vendor.Saying {
	var in struct {
		Errors  []string
		Message string
		Error   string
	}
	text := strings.TrimSpace(string(body))
	switch {
	case strings.HasPrefix(text, "{"):
		_ = json.Unmarshal(body, &in) // what is no error's body says nothing
		in.Errors = append(in.Errors, in.Message, in.Error)
	case sentence(text):
		in.Errors = []string{text}
	}
	var out []vendor.Saying
	for _, text := range in.Errors {
		if text != "" {
			out = append(out, vendor.Saying{Text: text})
		}
	}
	return out
}

// sentence reports whether a body that is no JSON may be an error in plain words, and
// no page, no part of a JSON text and no single word that could be a secret.
func sentence(text string) bool {
	const longest = 500
	return len(text) <= longest && utf8.ValidString(text) && strings.Contains(text, " ") && !strings.ContainsAny(text, "<{[\"")
}

// unmanaged says why there are no keys of the account itself.
const unmanaged = "MailChannels makes API keys of the account itself in its Console only: its API neither makes, lists nor deletes them. " +
	"Make such a key in the Console, keep it in a secret manager, and hand it to the provider as MAILCHANNELS_API_KEY, or to a module as a sensitive variable. " +
	"API keys of sub-accounts are managed here."

// Account implements backend.Backend.
func (b *Backend) Account(ctx context.Context) (backend.Account, error) {
	used, err := b.count.Get(func() (int, error) {
		all, err := b.subs.get(ctx, false)
		return len(all), b.explained(err)
	})
	if err != nil {
		return backend.Account{}, err
	}
	rules := b.platform.Subaccounts
	return backend.Account{
		Platform: Name, KeyLimit: b.platform.Keys.Limit, APIKey: true, GrantsUnknown: true,
		Rules: backend.KeyRules{
			Replace: true, MaxOverlap: backend.LongestOverlap, NameInState: true, DescriptionInState: true, Unmanaged: unmanaged,
		},
		Subaccounts: &backend.SubaccountRules{
			Used: used, Limit: rules.Limit, Handle: rules.Handle, HandleWords: rules.HandleWords, Generate: rules.Generate,
			KeyLimit: rules.KeyLimit, FixedScopes: rules.FixedScopes, SendLimits: rules.SendLimits, MinName: shortestName,
		},
	}, nil
}

// AccountID implements backend.Backend. No call of the API tells it.
func (b *Backend) AccountID(context.Context) (string, error) { return "", nil }

// Now implements backend.Backend. A service that shows no clock leaves it to this
// machine's.
func (b *Backend) Now(ctx context.Context) (time.Time, error) {
	if now, ok := b.caller.Now(); ok {
		return now, nil
	}
	if _, err := b.subs.get(ctx, true); err != nil {
		return time.Time{}, b.explained(err)
	}
	if now, ok := b.caller.Now(); ok {
		return now, nil
	}
	return time.Now().UTC().Truncate(time.Second), nil
}

// Catalogue implements backend.Backend. The scopes are those of the documentation: the
// API has no call for them.
func (b *Backend) Catalogue(context.Context) (*backend.Catalogue, error) {
	levels := map[string]string{}
	for _, name := range b.platform.Scopes.Names() {
		if level := b.platform.Level(name); level != "" {
			levels[name] = level
		}
	}
	managing := backend.Managing(b.platform.Scopes, func(name string) []string { return b.platform.Rights([]string{name}) })
	return &backend.Catalogue{Catalogue: b.platform.Scopes, Levels: levels, Managing: managing}, nil
}
