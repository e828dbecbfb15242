package sendgrid

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

func TestTheAccountTellsItsKeysAndWhatTheCallerMayGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, key := w.NewKey(t, "api_keys.read", "mail.send")
	a, err := speak(t, w.front.URL, key).Account(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if a.Keys != 1 || a.KeyLimit == nil || *a.KeyLimit != 100 || a.GrantsUnknown || !slices.Equal(a.Scopes, []string{"api_keys.read", "mail.send"}) {
		t.Errorf("got %+v", a)
	}
	if r := a.Rules; !r.Replace || r.Rotate || r.Expiry || r.Disable || !r.EditScopes || !r.NameRequired || r.MaxOverlap != backend.LongestOverlap {
		t.Errorf("got %+v", r)
	}
	if s := a.Subaccounts; s == nil || !s.Address || !s.NameInState || s.KeyLimits || !s.Handle.MatchString("a.b@c") || !s.Handle.MatchString("o'neil+50% Zo\u00eb") || !s.Handle.MatchString("x") || s.Handle.MatchString(" a") || s.Handle.MatchString("a\tb") {
		t.Errorf("got %+v", s)
	}
	now, err := speak(t, w.front.URL, key).AccountNow(t.Context())
	if err != nil || now.APIKeys.Used != 1 || now.Subaccounts != nil || now.CallerID != id {
		t.Errorf("%+v, %v", now, err)
	}
}

func TestACallerWithoutRightsToLookStillPlans(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, key := w.NewKey(t, "mail.send")
	b := speak(t, w.front.URL, key)
	w.front.answer(func(rw http.ResponseWriter, r *http.Request) bool {
		return r.URL.Path == routeScopes && body(http.StatusForbidden, "application/json", `{"errors":[{"field":"null","message":"access forbidden"}]}`)(rw, r)
	})
	a, err := b.Account(t.Context())
	if err != nil || a.KeyLimit != nil || !a.GrantsUnknown {
		t.Errorf("%+v, %v", a, err)
	}
	c, err := b.Catalogue(t.Context())
	if err != nil || len(c.Names()) != 274 {
		t.Errorf("%v", err)
	}
	if _, err := b.Now(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheCatalogueHasWhatTheShippedListLacksAndNothingAutomatic(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.front.answer(func(rw http.ResponseWriter, r *http.Request) bool {
		return r.URL.Path == routeScopes && body(http.StatusOK, "application/json", `{"scopes":["new.read","billing.new","2fa_required","Not A Scope","mail.send"]}`)(rw, r)
	})
	c, err := w.Catalogue(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fresh, _ := c.Get("new.read")
	billing, _ := c.Get("billing.new")
	if fresh.Group != groupOther || billing.Class != classBilling || c.Levels["mail.send"] == "" || len(c.Names()) != 276 {
		t.Errorf("%+v, %+v, %d names", fresh, billing, len(c.Names()))
	}
	if got := c.Classes([]string{"billing.read", "mail.send"}); len(got) != 2 {
		t.Errorf("classes %v", got)
	}
	if _, ok := c.Get("2fa_required"); ok {
		t.Error("an automatic scope can be chosen")
	}
}

func TestWhatSendGridCannotDoIsToldAsSuch(t *testing.T) {
	t.Parallel()
	b := speak(t, "http://127.0.0.1:1", "SG.id.secret")
	_, rotate := b.Keys("").Rotate(t.Context(), "x", backend.Rotation{}, 0)
	_, usage := b.APIKeyUsage(t.Context(), "", "x", 0)
	_, sent := b.Subaccounts().Usage(t.Context(), "x")
	_, get := b.Scopes().Get(t.Context(), "x")
	for _, err := range []error{rotate, usage, sent, get, b.Scopes().Delete(t.Context(), "x")} {
		if !errors.Is(err, backend.ErrUnsupported) || !strings.HasSuffix(err.Error(), ".") {
			t.Errorf("got %v", err)
		}
	}
	if _, err := b.Account(t.Context()); !errors.Is(err, backend.ErrUnreachable) {
		t.Errorf("got %v", err)
	}
	if c, err := b.Catalogue(t.Context()); err != nil || len(c.Names()) == 0 {
		t.Errorf("out of reach: %v", err)
	}
}
