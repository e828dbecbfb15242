package postern

import (
	"errors"
	"net/http"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest/lies"
)

// place is an account or a sub-account with two keys, behind a proxy.
type place struct {
	*lies.Proxy
	backend *Backend
	at      string
	mine    backend.IssuedAPIKey
	other   backend.IssuedAPIKey
}

func places(t *testing.T) map[string]place {
	t.Helper()
	out := map[string]place{}
	for name, handle := range map[string]string{"the account": "", "a sub-account": "acme"} {
		server := servertest.Start(t)
		honest := at(t, server, server.URL)
		if handle != "" {
			if _, err := honest.Subaccounts().Create(t.Context(), backend.SubaccountInput{Handle: handle, Name: "Acme", Status: backend.SubaccountActive}); err != nil {
				t.Fatal(err)
			}
		}
		p := place{Proxy: lies.Before(t, server.URL), at: handle}
		for i, key := range []*backend.IssuedAPIKey{&p.mine, &p.other} {
			var err error
			if *key, err = honest.Keys(handle).Create(t.Context(), input([]string{"mine", "other"}[i])); err != nil {
				t.Fatal(err)
			}
		}
		p.backend = at(t, server, p.URL)
		out[name] = p
	}
	return out
}

func input(name string) backend.APIKeyInput {
	return backend.APIKeyInput{Name: name, Scopes: []string{"read"}, Enabled: true}
}

// A 404 for all that is below a place does not say that a key is gone, as long as the place
// is there.
func TestKeys_AMissIsBelievedFromAListThatAnswers(t *testing.T) {
	t.Parallel()
	for name, p := range places(t) {
		keys := p.backend.Keys(p.at)
		p.Tell(lies.Lie{Part: "apikeys", Withheld: true, Rewrite: lies.Body(http.StatusNotFound, `{"code":"not_found","detail":"gone"}`)})
		for what, do := range map[string]func() error{
			"get":            func() error { _, err := keys.Get(t.Context(), p.mine.ID); return err },
			"refresh":        func() error { _, err := keys.Refresh(t.Context(), p.mine.ID); return err },
			"get no such id": func() error { _, err := keys.Get(t.Context(), "no id"); return err },
			"delete":         func() error { return keys.Delete(t.Context(), p.mine.ID) },
		} {
			if err := do(); err == nil || errors.Is(err, backend.ErrNotFound) {
				t.Errorf("%s: %s: %v", name, what, err)
			}
		}
		p.Relent()
		if err := keys.Delete(t.Context(), p.mine.ID); err != nil {
			t.Error(err)
		}
		for what, err := range map[string]error{"delete": keys.Delete(t.Context(), p.mine.ID), "get": func() error { _, err := keys.Get(t.Context(), p.mine.ID); return err }()} {
			if !errors.Is(err, backend.ErrNotFound) {
				t.Errorf("%s: %s of what is gone: %v", name, what, err)
			}
		}
	}
}

// The answer to a create names a key of which the rest of the answer is not.
func TestCreate_IsProvenByReadingTheKeyBack(t *testing.T) {
	t.Parallel()
	for name, p := range places(t) {
		for what, rewrite := range map[string]lies.Rewrite{
			"another key of the place": lies.Set("id", p.other.ID),
			"a key of another account": lies.Set("id", "key_ofSomebodyElse000000"),
		} {
			p.Relent()
			p.Tell(lies.Lie{Method: http.MethodPost, Rewrite: rewrite})
			if made, err := p.backend.Keys(p.at).Create(t.Context(), input("other two")); err == nil {
				t.Errorf("%s: %s is taken for a new key: %s", name, what, made.ID)
			}
			p.Relent()
			p.tidy(t, "other two")
		}
		// Of the same name, the secret tells them apart.
		p.Tell(lies.Lie{Method: http.MethodPost, Rewrite: lies.Then(lies.Set("id", p.other.ID))})
		p.Tell(lies.Lie{Method: http.MethodGet, Rewrite: lies.Set("name", "same")})
		if made, err := p.backend.Keys(p.at).Create(t.Context(), input("same")); err == nil {
			t.Errorf("%s: a key of another secret is taken for a new one: %s", name, made.ID)
		}
		// A read that fails proves nothing, and loses nothing.
		p.Relent()
		p.tidy(t, "same")
		p.Tell(lies.Lie{Method: http.MethodGet, Rewrite: lies.Lost})
		if made, err := p.backend.Keys(p.at).Create(t.Context(), input("same")); err != nil || made.Secret.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// tidy deletes the key of that name.
func (p place) tidy(t *testing.T, name string) {
	t.Helper()
	found, err := p.backend.Keys(p.at).List(t.Context(), backend.APIKeyFilter{Name: name})
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	if err := p.backend.Keys(p.at).Delete(t.Context(), found[0].ID); err != nil {
		t.Fatal(err)
	}
}

// A list of what was not asked for would give a data source another key for a name.
func TestList_HoldsWhatWasAskedForOnly(t *testing.T) {
	t.Parallel()
	p := places(t)["the account"]
	if _, err := p.backend.Subaccounts().Create(t.Context(), backend.SubaccountInput{Handle: "acme", Name: "Acme", Status: backend.SubaccountActive}); err != nil {
		t.Fatal(err)
	}
	p.Tell(lies.Lie{Method: http.MethodGet, Rewrite: lies.Then(lies.Set("name", "theirs"), lies.Set("status", "expired"), lies.Set("scopes", []any{"write"}), lies.Set("handle", "other"))})
	for _, filter := range []backend.APIKeyFilter{{Name: "mine"}, {NamePrefix: "mi"}, {Status: backend.StatusActive}, {Scope: "read"}} {
		if found, err := p.backend.Keys("").List(t.Context(), filter); err == nil {
			t.Errorf("%+v finds %+v", filter, found)
		}
	}
	if found, err := p.backend.Subaccounts().List(t.Context(), backend.SubaccountFilter{HandlePrefix: "acme"}); err == nil {
		t.Errorf("%+v", found)
	}
}
