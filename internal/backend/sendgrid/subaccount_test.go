package sendgrid

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

func TestASubuserIsMadeSuspendedAndRemoved(t *testing.T) {
	t.Parallel()
	for _, created := range []bool{false, true} {
		w := newWorld(t, servertest.SendGrid(servertest.SendGridQuirks{SubuserCreated: created}))
		subs := w.Subaccounts()
		w.make(t, "shop2", "shop") // the filter of this server matches beginnings
		sub, err := subs.Get(t.Context(), "shop")
		if err != nil || sub.Handle != "shop" || !regexp.MustCompile(`^[1-9][0-9]*$`).MatchString(sub.ID) || sub.Status != backend.SubaccountActive || *sub.KeyLimit != 100 {
			t.Errorf("%+v, %v", sub, err)
		}
		suspended := backend.SubaccountSuspended
		if sub, err = subs.Update(t.Context(), "shop", backend.SubaccountChange{Status: &suspended, IPAddresses: []string{"192.0.2.7"}}, 0); err != nil || sub.Status != suspended {
			t.Errorf("%+v, %v", sub, err)
		}
		listed, err := subs.List(t.Context(), backend.SubaccountFilter{HandlePrefix: "shop", Status: backend.SubaccountActive})
		if err != nil || len(listed) != 1 || listed[0].Handle != "shop2" {
			t.Errorf("%+v, %v", listed, err)
		}
		made(t, w.Keys("shop2"), "x", "mail.send")
		err = subs.Delete(t.Context(), "shop2", false)
		if failed, ok := errors.AsType[*backend.Error](err); !ok || failed.Fields["delete_apikeys"] == "" {
			t.Errorf("with a key: %v", err)
		}
		if err := subs.Delete(t.Context(), "shop2", true); err != nil {
			t.Error(err)
		}
		if err := subs.Delete(t.Context(), "shop", false); err != nil {
			t.Error(err)
		}
		for _, err := range []error{subs.Delete(t.Context(), "shop", true), subs.Delete(t.Context(), "shop", false)} {
			if !errors.Is(err, backend.ErrNotFound) {
				t.Errorf("once more: %v", err)
			}
		}
		if _, err := subs.Update(t.Context(), "shop", backend.SubaccountChange{Status: &suspended}, 0); !errors.Is(err, backend.ErrNotFound) {
			t.Errorf("an update of none: %v", err)
		}
	}
}

func TestASubuserCanBeMadeSuspended(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	sub, err := w.Subaccounts().Create(t.Context(), backend.SubaccountInput{
		Handle: "quiet", Email: "q@example.com", IPAddresses: []string{"192.0.2.1"}, Status: backend.SubaccountSuspended,
	})
	if err != nil || sub.Status != backend.SubaccountSuspended {
		t.Errorf("%+v, %v", sub, err)
	}
}

func TestASubuserNeedsAnAddressAndIsToldWhichFieldIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.make(t, "taken")
	for field, in := range map[string]backend.SubaccountInput{
		"email":        {Handle: "fresh", IPAddresses: []string{"192.0.2.1"}},
		"ip_addresses": {Handle: "fresh", Email: "a@example.com"},
		"handle":       {Handle: "taken", Email: "a@example.com", IPAddresses: []string{"192.0.2.1"}},
	} {
		_, err := w.Subaccounts().Create(t.Context(), in)
		if failed, ok := errors.AsType[*backend.Error](err); !ok || failed.Fields[field] == "" || len(failed.Fields) != 1 {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestThePasswordOfASubuserIsNewEachTimeAndShownNowhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	passwords := map[string]bool{}
	w.front.answer(func(rw http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPost {
			return false
		}
		var in struct{ Password string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		passwords[in.Password] = true
		return body(http.StatusBadRequest, "application/json", `{"errors":[{"message":"no"}]}`)(rw, r)
	})
	for range 2 {
		_, err := w.Subaccounts().Create(t.Context(), backend.SubaccountInput{Handle: "fresh", Email: "a@example.com", IPAddresses: []string{"192.0.2.1"}})
		for password := range passwords {
			if err == nil || strings.Contains(err.Error(), password) {
				t.Errorf("got %v", err)
			}
		}
	}
	if len(passwords) != 2 {
		t.Errorf("%d passwords", len(passwords))
	}
	for password := range passwords {
		for _, class := range []string{"[A-Z]", "[a-z]", "[0-9]", "[^A-Za-z0-9]", "^.{48}$"} {
			if !regexp.MustCompile(class).MatchString(password) {
				t.Errorf("it lacks %s", class)
			}
		}
	}
}

func TestALostSubuserIsToldAndNeverRemoved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.LoseAnswers(1, http.MethodPost, routeSubusers)
	_, err := w.Subaccounts().Create(t.Context(), backend.SubaccountInput{Handle: "lost", Email: "a@example.com", IPAddresses: []string{"192.0.2.1"}})
	if err == nil || !strings.Contains(err.Error(), "import it") {
		t.Errorf("got %v", err)
	}
	if _, err := w.Subaccounts().Get(t.Context(), "lost"); err != nil {
		t.Error(err)
	}
}
