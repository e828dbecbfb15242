package backend_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/mailchannels"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/postern"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/sendgrid"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest/lies"
)

// service is a kind of service that a backend speaks to.
type service struct {
	platform   string
	subaccount string // where keys are; empty for the account
	scopes     []string
	open       func(backend.Settings) (backend.Backend, error)
}

func services() []service {
	return []service{
		{"postern", "", []string{"read"}, func(in backend.Settings) (backend.Backend, error) { return postern.New(in) }},
		{"sendgrid", "", []string{"mail.send"}, func(in backend.Settings) (backend.Backend, error) { return sendgrid.New(in) }},
		{"mailchannels", "acme1", nil, func(in backend.Settings) (backend.Backend, error) { return mailchannels.New(in) }},
	}
}

func (s service) at(t *testing.T, url, credential string) backend.Backend {
	t.Helper()
	none := 0
	b, err := s.open(backend.Settings{Endpoint: url, Credential: credential, UserAgent: "test", MaxRetries: &none, Timeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// told is what a backend tells of a service: errors, and texts that go into states and plans
// as what names a thing.
type told struct {
	errs []error
	ids  []string
}

// ask asks for all that there is to read, and makes a key.
func (s service) ask(ctx context.Context, b backend.Backend, id string) told {
	var out told
	keys := b.Keys(s.subaccount)
	note := func(err error) { out.errs = append(out.errs, err) }
	key, err := keys.Get(ctx, id)
	out.ids = append(out.ids, key.ID)
	note(err)
	key, err = keys.Refresh(ctx, id)
	out.ids = append(out.ids, key.ID)
	note(err)
	all, err := keys.List(ctx, backend.APIKeyFilter{})
	note(err)
	for _, key := range all {
		out.ids = append(out.ids, key.ID)
	}
	account, err := b.Account(ctx)
	out.ids = append(out.ids, account.ID, account.Platform)
	note(err)
	_, err = b.Catalogue(ctx)
	note(err)
	subs, err := b.Subaccounts().List(ctx, backend.SubaccountFilter{})
	note(err)
	for _, sub := range subs {
		out.ids = append(out.ids, sub.ID)
		if err := outside.CheckHandle(sub.Handle); err != nil {
			note(fmt.Errorf("a handle got through: %w", err))
		}
	}
	_, err = b.AccountNow(ctx)
	note(err)
	made, err := keys.Create(ctx, backend.APIKeyInput{Name: "made", Scopes: s.scopes, Enabled: true})
	out.ids = append(out.ids, made.ID)
	note(err)
	return out
}

// plain fails the test when a terminal would obey the text, or nobody could read it.
func plain(t *testing.T, text string) {
	t.Helper()
	for _, r := range text {
		if r != '\n' && !unicode.IsPrint(r) {
			t.Errorf("%U in %.300q", r, text)
			return
		}
	}
	if strings.Contains(text, "\nApply complete!") || len(text) > 20_000 {
		t.Errorf("%d bytes, or a line of the service's own: %.300q", len(text), text)
	}
}

// Whatever a service answers: no call takes more memory than its bounds, no text of it can
// do anything to a terminal, and no id goes into a state but one that can be one.
func TestLies_NothingOfAServiceIsUnboundedOrRaw(t *testing.T) {
	runs := 0
	for _, s := range services() {
		server := servertest.Start(t, servertest.Platform(s.platform))
		honest := s.at(t, server.URL, server.Owner)
		if s.subaccount != "" {
			if _, err := honest.Subaccounts().Create(t.Context(), backend.SubaccountInput{Handle: s.subaccount, Name: "Acme", Status: backend.SubaccountActive}); err != nil {
				t.Fatal(err)
			}
		}
		made, err := honest.Keys(s.subaccount).Create(t.Context(), backend.APIKeyInput{Name: "victim", Scopes: s.scopes, Enabled: true})
		if err != nil {
			t.Fatal(err)
		}
		for name, rewrite := range lies.Table() {
			t.Run(s.platform+"/"+name, func(t *testing.T) {
				proxy := lies.Before(t, server.URL)
				proxy.Tell(lies.Lie{Rewrite: rewrite})
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				out := s.ask(ctx, s.at(t, proxy.URL, server.Owner), made.ID)
				runtime.ReadMemStats(&after)
				if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 4096 {
					t.Errorf("%d MiB were allocated", used)
				}
				for _, err := range out.errs {
					if err != nil {
						plain(t, err.Error())
					}
				}
				for _, id := range out.ids {
					if err := outside.CheckID(id); id != "" && err != nil {
						t.Errorf("an id got through: %v", err)
					}
				}
				runs += len(proxy.Calls())
			})
		}
	}
	t.Logf("%d answers, nearly all of them lies", runs)
}
