package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// hush is a password that keeps the rules, and must not come back.
const hush = "correct horse 1"

func TestPasswords_Refusals(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Platform("dotdigital"))
	user := h.create(t, `{"description":"newsletter","secret":"`+hush+`"}`, nil)
	if !user.Secret.IsZero() || user.SecretHint != "" || !strings.HasPrefix(user.Username, "apiuser-") || user.Name != "" || len(user.Scopes) != 0 {
		t.Errorf("the API user is %+v", user)
	}
	path := pathKeys + "/" + user.ID
	password := func(text, want string) scenario {
		return invalid(http.MethodPost, pathKeys, `{"secret":"`+text+`"}`, "secret", want).hides(text)
	}
	broken := func(body string) scenario {
		return refused(http.MethodPost, pathKeys, body, http.StatusBadRequest, api.CodeInvalidRequest, "").hides("hush")
	}
	h.refuse(t, map[string]scenario{
		"none":                 invalid(http.MethodPost, pathKeys, `{}`, "secret", "send the password that the API user is to have"),
		"short":                password("hu5hush", "at least 8 characters"),
		"only letters":         password("hushhushhush", "at least one digit or other character"),
		"forbidden word":       password("hushPassWord1", `must not hold the word \"password\"`),
		"long":                 password(strings.Repeat("h1", 65), "at most 128 bytes"),
		"control character":    invalid(http.MethodPost, pathKeys, `{"secret":"hush hush\u0007 1"}`, "secret", "control characters").hides("hush"),
		"in a list":            invalid(http.MethodPost, pathKeys, `{"secret":["hushhush1"]}`, "secret", "must be a string, not an array").hides("hush"),
		"in an object":         invalid(http.MethodPost, pathKeys, `{"secret":{"hushhush1":"hushhush2"}}`, "secret", "must be a string, not an object").hides("hush"),
		"a number":             invalid(http.MethodPost, pathKeys, `{"secret":7355608}`, "secret", "must be a string, not a number").hides("7355608"),
		"null":                 invalid(http.MethodPost, pathKeys, `{"secret":null}`, "secret", "must not be null"),
		"twice":                broken(`{"secret":"hushhush1","secret":"hushhush2"}`),
		"twice in an object":   broken(`{"secret":{"hushhush1":1,"hushhush1":2}}`),
		"half a character":     broken(`{"secret":"hushhush1\ud800"}`),
		"cut off":              broken(`{"secret":"hushhush1`),
		"name of the field":    invalid(http.MethodPost, pathKeys, `{"Secret":"hushhush1"}`, "Secret", `the nearest is \"secret\"`).hides("hush"),
		"scopes":               unsupported(http.MethodPost, pathKeys, `{"secret":"`+hush+`","scopes":["contacts"]}`, "scopes", "have no scopes; leave it out").hides(hush),
		"access":               invalid(http.MethodPost, pathKeys, `{"secret":"`+hush+`","access":{"contacts":"read"}}`, "access.contacts", "the platform has none").hides(hush),
		"expiry":               unsupported(http.MethodPost, pathKeys, `{"secret":"`+hush+`","expires_at":"2100-01-01T00:00:00Z"}`, "expires_at", "never expire; leave it out").hides(hush),
		"in a change":          invalid(http.MethodPatch, path, `{"secret":"hushhush1"}`, "secret", "is not a field of this request").hides("hush"),
		"scopes in a change":   unsupported(http.MethodPatch, path, `{"scopes":["contacts"]}`, "scopes", "have no scopes"),
		"rotation without":     invalid(http.MethodPost, path+"/rotate", `{}`, "secret", "send the password"),
		"rotation, no body":    invalid(http.MethodPost, path+"/rotate", "", "secret", "send the password"),
		"rotation to a bad":    invalid(http.MethodPost, path+"/rotate", `{"secret":"hushhush"}`, "secret", "at least one digit").hides("hush"),
		"rotation with more":   unsupported(http.MethodPost, path+"/rotate", `{"secret":"`+hush+`","overlap":"1h"}`, "overlap", "ends the old one at once").hides(hush),
		"no such user":         missing(http.MethodPost, pathKeys+"/key_00000000000000000000/rotate", `{"secret":"`+hush+`"}`).hides(hush),
		"unlock of none":       missing(http.MethodPost, pathKeys+"/key_00000000000000000000/unlock", ""),
		"a missing sub-accout": unsupported(http.MethodGet, pathSubs, "", "", "Dotdigital has no sub-accounts"),
	})
	rotated := must[api.IssuedAPIKey](t, h, http.StatusOK, http.MethodPost, path+"/rotate", `{"secret":"correct horse 2"}`, nil)
	if !rotated.Secret.IsZero() || rotated.SecretVersion != 2 || rotated.Username != user.Username {
		t.Errorf("rotated %+v", rotated)
	}
	for _, text := range []string{h.Logs(), h.state(t), h.send(t, http.MethodGet, "/v1/audit-events", "", nil).body} {
		for _, one := range []string{hush, "correct horse", "hushhush"} {
			if strings.Contains(text, one) {
				t.Errorf("%q is shown", one)
			}
		}
	}
}

// What a platform does not do is refused in words that say what to do instead.
func TestPlatforms_Refusals(t *testing.T) {
	t.Parallel()
	for platform, scenarios := range map[string]func(h *harness) map[string]scenario{
		"sendgrid": func(h *harness) map[string]scenario {
			key := pathKeys + "/" + h.create(t, `{"name":"a","scopes":["mail.send"]}`, nil).ID
			return map[string]scenario{
				"rotate":  unsupported(http.MethodPost, key+"/rotate", `{}`, "", "Make a new key", "delete this one"),
				"disable": unsupported(http.MethodPatch, key, `{"enabled":false}`, "enabled", "delete the key instead"),
				"expiry":  unsupported(http.MethodPatch, key, `{"expires_at":"2100-01-01T00:00:00Z"}`, "expires_at", "leave it out"),
				"secret":  unsupported(http.MethodPost, pathKeys, `{"name":"a","scopes":["mail.send"],"secret":"hushhush"}`, "secret").hides("hush"),
				"no name": invalid(http.MethodPost, pathKeys, `{"scopes":["mail.send"]}`, "name", "must not be empty"),
				"unlock":  unsupported(http.MethodPost, key+"/unlock", "", "", "nothing locks them"),
			}
		},
		"mailchannels": func(h *harness) map[string]scenario {
			key := h.create(t, `{"scopes":["api"]}`, nil)
			h.subaccount(t, "one")
			sub := h.createIn(t, "one", `{}`)
			fixed := `hold exactly \"api\"; leave it out`
			const forbidden = http.StatusForbidden
			return map[string]scenario{
				"scopes of a key":       unsupported(http.MethodPatch, pathKeys+"/"+key.ID, `{"scopes":["inbound"]}`, "scopes", "make a new key"),
				"of one, unknown":       unsupported(http.MethodPatch, pathKeys+"/"+key.ID, `{"scopes":["inbund"]}`, "scopes", "make a new key"),
				"of a sub-account's":    unsupported(http.MethodPatch, keysOf("one")+"/"+sub.ID, `{"scopes":["inbound"]}`, "scopes", "make a new key"),
				"other scopes there":    unsupported(http.MethodPost, keysOf("one"), `{"scopes":["inbound"]}`, "scopes", fixed),
				"more scopes there":     unsupported(http.MethodPost, keysOf("one"), `{"scopes":["api","inbound"]}`, "scopes", fixed),
				"unknown scopes there":  unsupported(http.MethodPost, keysOf("one"), `{"scopes":["x"]}`, "scopes", fixed),
				"no scopes here":        invalid(http.MethodPost, pathKeys, `{}`, "scopes", "never means everything"),
				"rotate":                unsupported(http.MethodPost, pathKeys+"/"+key.ID+"/rotate", `{}`, "", "Make a new key"),
				"a key's own: create":   refused(http.MethodPost, pathKeys, `{"scopes":["api"]}`, forbidden, api.CodeForbidden, "", "only an owner credential").by(key.Secret.Reveal()),
				"a key's own: list":     refused(http.MethodGet, pathKeys, "", forbidden, api.CodeForbidden, "", "only an owner credential").by(key.Secret.Reveal()),
				"a key's own: delete":   refused(http.MethodDelete, pathKeys+"/"+key.ID, "", forbidden, api.CodeForbidden, "", "only an owner credential").by(key.Secret.Reveal()),
				"a key's own: usage":    refused(http.MethodGet, pathKeys+"/"+key.ID+"/usage", "", forbidden, api.CodeForbidden, "").by(key.Secret.Reveal()),
				"a sub-account creates": refused(http.MethodPost, pathSubs, `{"name":"a"}`, forbidden, api.CodeForbidden, "", "bound to a sub-account").by(sub.Secret.Reveal()),
			}
		},
	} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			h := start(t, servertest.Platform(platform))
			h.refuse(t, scenarios(h))
		})
	}
}

// A key with the right to it manages the keys of sub-accounts where those of the
// account itself are its owner's alone.
func TestPlatforms_OwnerOnlyIsNotForSubaccounts(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Platform("mailchannels"))
	key := h.create(t, `{"scopes":["api"]}`, nil)
	must[api.Subaccount](t, h, http.StatusCreated, http.MethodPost, pathSubs, `{"handle":"one","name":"One"}`, as(key.Secret.Reveal()))
	made := must[api.IssuedAPIKey](t, h, http.StatusCreated, http.MethodPost, keysOf("one"), `{}`, as(key.Secret.Reveal()))
	if !slices.Equal(made.Scopes, []string{"api"}) || made.Name != "" {
		t.Errorf("made %+v", made.APIKey)
	}
	must[struct{}](t, h, http.StatusNoContent, http.MethodDelete, keysOf("one")+"/"+made.ID, "", as(key.Secret.Reveal()))
}

// GET /v1/account tells a client what each platform allows, before it asks.
func TestAccount_RulesOfEachPlatform(t *testing.T) {
	t.Parallel()
	none := []string{}
	random := func(prefix string, length int, checksum bool) *api.SecretFormat {
		return &api.SecretFormat{Prefix: prefix, Alphabet: "base62", Length: length, Checksum: checksum}
	}
	for platform, want := range map[string]api.KeyRules{
		"postern":      {NameRequired: true, UniqueNames: true, EditScopes: true, Expiry: true, Disable: true, Rotate: true, MaxOverlap: "720h0m0s", SecretFormat: random("ptn_key_", 43, true)},
		"benchmark":    {NameRequired: true, UniqueNames: true, EditScopes: true, Expiry: true, Disable: true, Rotate: true, MaxOverlap: "0s", SecretFormat: random("bme_", 43, false)},
		"sendgrid":     {NameRequired: true, EditScopes: true, MaxOverlap: "0s"},
		"mailchannels": {OwnerOnly: true, MaxOverlap: "0s", SecretFormat: random("mch_", 43, false)},
		"dotdigital":   {Disable: true, Rotate: true, MaxOverlap: "0s", FixedScopes: &none, Password: true, PasswordRules: &api.PasswordRules{MinLength: 8, NotOnlyLetters: true, Forbidden: []string{"password"}}},
	} {
		t.Run(platform, func(t *testing.T) {
			t.Parallel()
			h := start(t, servertest.Platform(platform))
			account := must[api.Account](t, h, http.StatusOK, http.MethodGet, pathAccount, "", nil)
			if diff := cmp.Diff(want, account.KeyRules); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
			if open := platform == "postern"; account.CustomScopes != open {
				t.Errorf("custom scopes: %v", account.CustomScopes)
			}
			if limited := platform == "benchmark"; (account.RequestsHour != nil) != limited || (account.RequestsMonth != nil) != limited {
				t.Errorf("requests %+v %+v", account.RequestsHour, account.RequestsMonth)
			}
		})
	}
}

// Whoever is bound to a sub-account learns of that one, and not of the account.
func TestAccount_OfASubaccount(t *testing.T) {
	t.Parallel()
	h := start(t, servertest.Platform("mailchannels"))
	h.subaccount(t, "one")
	h.create(t, `{"scopes":["api"]}`, nil)
	key := h.createIn(t, "one", `{}`)
	got := must[api.Account](t, h, http.StatusOK, http.MethodGet, pathAccount, "", as(key.Secret.Reveal()))
	fixed := []string{"api"}
	hundred := 100
	if diff := cmp.Diff(api.KeyRules{OwnerOnly: true, MaxOverlap: "0s", FixedScopes: &fixed, SecretFormat: &api.SecretFormat{Prefix: "mch_", Alphabet: "base62", Length: 43}}, got.KeyRules); diff != "" {
		t.Errorf("the rules: want -, got +:\n%s", diff)
	}
	if diff := cmp.Diff(api.Usage{Used: 1, Limit: &hundred}, got.APIKeys); diff != "" {
		t.Errorf("the keys: want -, got +:\n%s", diff)
	}
	if got.Name != "" || got.Subaccounts != nil || got.SubaccountRules != nil || got.Caller.Subaccount != "one" || got.Caller.ID != key.ID {
		t.Errorf("got %+v", got)
	}
}
