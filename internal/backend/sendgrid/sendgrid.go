// Package sendgrid is the backend over SendGrid's own API, v3: API keys, scopes and
// subusers, with the API key of an account.
//
// Sources, as comments name them: "reference" is Twilio's API reference with its
// OpenAPI files (tsg_api_keys_v3, tsg_scopes_v3, tsg_subusers_v3), "2018 reference"
// the one before it, "seen" what clients that ran against the service report.
// Where all are silent, the comment says that the behaviour is our choice.
package sendgrid

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
)

var _ backend.Backend = (*Backend)(nil)

// Where SendGrid answers (reference): all accounts, and the subusers that live in the
// EU.
const (
	Endpoint   = "https://api.sendgrid.com"
	EndpointEU = "https://api.eu.sendgrid.com"
)

const platformName = "sendgrid"

// Backend speaks to SendGrid with one API key. It is safe for concurrent use.
type Backend struct {
	caller   *vendor.Caller
	platform *platform.Platform
	callerID string // of the API key that calls; empty where it has another form
	planned  backend.PlannedScopes
	settle   time.Duration // how long a new key may be on its way to where it is read; a seam for tests

	account   backend.Once[backend.Account]
	held      backend.Once[[]string]
	catalogue backend.Once[*backend.Catalogue]

	mu     sync.Mutex
	places map[string]*place // by the subuser's name
}

// place is the account or a subuser, as far as one process must not do two things at
// once there.
type place struct {
	making chan struct{}      // held while a key is made
	reads  singleflight.Group // of keys, by id
	marks  backend.Once[[]string]
	seen   backend.Seen // ids of keys
}

// New makes a backend. It calls nothing. Without an endpoint it is Endpoint.
func New(in backend.Settings) (*Backend, error) {
	if in.Endpoint == "" {
		in.Endpoint = Endpoint
	}
	rules, err := platform.Builtin(platformName)
	if err != nil {
		return nil, err
	}
	if rules.Subaccounts == nil {
		return nil, errors.New("the platform file of SendGrid has no rules for subusers")
	}
	caller, err := vendor.New(vendor.Settings{
		Service: "SendGrid", Endpoint: in.Endpoint, Credential: in.Credential, Header: map[string]string{"Authorization": "Bearer " + in.Credential},
		UserAgent: in.UserAgent, CACertificate: in.CACertificate, Timeout: in.Timeout, MaxRetries: in.MaxRetries,
		// The id before the last dot is no secret.
		Secrets: regexp.MustCompile(`SG\.[0-9A-Za-z_-]+\.[0-9A-Za-z_-]+`), Read: sayings,
	})
	if err != nil {
		return nil, err
	}
	const settle = time.Second
	return &Backend{caller: caller, platform: rules, callerID: idOf(in.Credential), settle: settle, places: map[string]*place{}}, nil
}

// idOf is the id in an API key: "SG.", the id, a dot, and the secret part (reference,
// examples).
func idOf(key string) string {
	parts := strings.Split(key, ".")
	if len(parts) != 3 || parts[0] != "SG" {
		return ""
	}
	return parts[1]
}

// Now implements backend.Backend.
func (b *Backend) Now(ctx context.Context) (time.Time, error) {
	if now, known := b.caller.Now(); known {
		return now, nil
	}
	_, err := b.scopes(ctx) // any answer has a date, also a refusal
	if now, known := b.caller.Now(); known {
		return now, nil
	}
	if err == nil {
		err = &backend.Error{Message: "SendGrid's answers have no date, so that its clock is not known.", Err: backend.ErrUnsupported}
	}
	return time.Time{}, err
}

// call makes one call for the account, or on behalf of a subuser. The header is the
// request's own (reference): a client that kept it would mix up subusers.
func (b *Backend) call(ctx context.Context, subuser string, call vendor.Call) error {
	if subuser != "" {
		// What reads a header leaves out spaces at its ends: the call would be for another
		// subuser, or for the account itself.
		if strings.Trim(subuser, " ") != subuser {
			return &backend.Error{Message: fmt.Sprintf("The API keys of the subuser %q cannot be asked for: its name has spaces at its ends, and SendGrid takes it in a header, which loses them. Nothing was sent.", subuser), Err: backend.ErrUnsupported}
		}
		call.Header = map[string]string{"on-behalf-of": subuser}
	}
	return b.caller.Do(ctx, call)
}

// place returns the one of that subuser, or with "" the account's.
func (b *Backend) place(subuser string) *place {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.places[subuser]
	if !ok {
		p = &place{making: make(chan struct{}, 1)}
		b.places[subuser] = p
	}
	return p
}

// sayings reads SendGrid's error answers: {"errors":[{"field":"name","message":"..."}]}.
// A field can be null, the text "null" or left out (reference, and seen).
func sayings(body []byte) []vendor.Saying {
	var in struct {
		Errors []struct {
			Field   *string `json:"field"`
			Message string  `json:"message"`
		} `json:"errors"`
	}
	if json.Unmarshal(body, &in) != nil {
		return nil
	}
	var out []vendor.Saying
	for _, e := range in.Errors {
		s := vendor.Saying{Text: e.Message}
		if e.Field != nil && *e.Field != "null" {
			s.Field = *e.Field
		}
		out = append(out, s)
	}
	return out
}

// status is that of the answer behind an error; 0 for none.
func status(err error) int {
	var failed *vendor.Error
	if errors.As(err, &failed) {
		return failed.Status
	}
	return 0
}

// denied reports whether SendGrid itself says that the caller may not do this. A page
// of a proxy with that status says nothing about rights.
func denied(err error) bool {
	var failed *vendor.Error
	return errors.As(err, &failed) && failed.Status == http.StatusForbidden && len(failed.Sayings) > 0
}

func unsupported(message string) error {
	return &backend.Error{Message: message, Err: backend.ErrUnsupported}
}
