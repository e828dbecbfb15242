package httpapi_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// life is what one platform lets a key go through. What is false or empty is refused
// there. It is written down here, and not read from the server: the rules of each
// platform are what the test is about.
type life struct {
	platform string
	in       string // the handle of the sub-account that the key is made in; empty for none
	key      string // the body that makes it
	more     string // the same with another name, for the limit
	granted  string // a scope that it holds; empty where there are none
	lacking  string // one that it does not hold
	edit     string // the body that changes its scopes
	edited   string // a scope that it holds after that
	rotate   string // the body that rotates it
	overlap  bool   // the old secret lives on for a while
	expire   bool
	disable  bool
	limit    int    // how many keys there may be
	refused  string // what a gateway's caller reads who shows a key that is not valid
	missing  string // what one reads whose key lacks a scope
}

var lives = []life{
	{
		platform: "postern", key: `{"name":"a","scopes":["write"]}`, granted: "read", lacking: "admin", edit: `{"scopes":["admin"]}`, edited: "admin",
		rotate: `{"overlap":"1h"}`, overlap: true, expire: true, disable: true,
		refused: `"code":"invalid_credential"`, missing: `lacks the scope admin`,
	},
	{
		platform: "postern", in: "one", key: `{"name":"a","scopes":["write"]}`, more: `{"name":"%d","scopes":["read"]}`, granted: "read", lacking: "admin",
		edit: `{"scopes":["admin"]}`, edited: "admin", rotate: `{"overlap":"1h"}`, overlap: true, expire: true, disable: true, limit: 3,
		refused: `"code":"invalid_credential"`, missing: `lacks the scope admin`,
	},
	{
		platform: "benchmark", key: `{"name":"a","scopes":["contacts:write"]}`, more: `{"name":"%d","scopes":["reports:read"]}`, granted: "contacts:read",
		lacking: "campaigns:write", edit: `{"access":{"campaigns":"full"}}`, edited: "campaigns:write", rotate: `{}`, expire: true, disable: true, limit: 10,
		refused: `{"errors":[{"errorType":"UnauthorizedError","message":"Invalid API key"}]}`,
		missing: `{"errors":[{"errorType":"ForbiddenError","message":"API key missing required scope: campaigns:write"}]}`,
	},
	{
		platform: "sendgrid", key: `{"name":"a","preset":"mail"}`, more: `{"name":"a","scopes":["stats.read"]}`, granted: "mail.send", lacking: "alerts.read",
		edit: `{"scopes":["alerts.read"]}`, edited: "alerts.read", limit: 100,
		refused: `{"errors":[{"field":null,"message":"The provided authorization grant is invalid, expired, or revoked"}]}`,
		missing: `{"errors":[{"field":null,"message":"access forbidden"}]}`,
	},
	{
		platform: "sendgrid", in: "one", key: `{"name":"a","preset":"mail"}`, more: `{"name":"a","scopes":["stats.read"]}`, granted: "mail.send", lacking: "alerts.read",
		edit: `{"scopes":["alerts.read"]}`, edited: "alerts.read", limit: 100,
		refused: `"message":"The provided authorization grant is invalid, expired, or revoked"`, missing: `"message":"access forbidden"`,
	},
	{
		platform: "mailchannels", key: `{"scopes":["api"]}`, more: `{"scopes":["inbound"]}`, granted: "api", lacking: "inbound", limit: 100,
		refused: `{"errors":["The API key is not valid."]}`, missing: `lacks the scope inbound`,
	},
	{
		platform: "mailchannels", in: "one", key: `{}`, more: `{}`, granted: "api", lacking: "inbound", limit: 100,
		refused: `{"errors":["The API key is not valid."]}`, missing: `lacks the scope inbound`,
	},
	{
		platform: "dotdigital", key: `{"description":"a","secret":"correct horse 1"}`, rotate: `{"secret":"correct horse 2"}`, disable: true,
		refused: `ERROR_APIUSER_INVALID`,
	},
}

// living is one key on its way.
type living struct {
	*harness
	life
	keys   string // the path of the keys
	key    string // the path of this one
	issued api.IssuedAPIKey
}

// TestLife_EachPlatformsKeysGoThroughTheSameLife takes a key of each platform from its
// making to its removal, and starts the server anew between all steps.
func TestLife_EachPlatformsKeysGoThroughTheSameLife(t *testing.T) {
	t.Parallel()
	for _, one := range lives {
		name := one.platform
		if one.in != "" {
			name += " sub-account"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := &living{harness: start(t, servertest.Platform(one.platform), servertest.Clock(time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC))), life: one, keys: pathKeys}
			if one.in != "" {
				l.keys = "/v1/subaccounts/" + one.in + "/apikeys"
				body := `{"handle":"` + one.in + `","name":"One"}`
				if one.platform == "postern" {
					body = fmt.Sprintf(`{"handle":%q,"name":"One","apikey_limit":%d}`, one.in, one.limit)
				}
				l.ok(t, http.StatusCreated, http.MethodPost, "/v1/subaccounts", body)
			}
			for _, step := range []struct {
				name string
				take func(*testing.T)
			}{
				{"create", l.born}, {"use", l.used}, {"edit", l.edits}, {"rotate", l.rotates}, {"disable", l.disables},
				{"expire", l.expires}, {"limit", l.fills}, {"suspend", l.suspended}, {"delete", l.dies},
			} {
				if !t.Run(step.name, step.take) {
					return // the next steps need it
				}
				l.Restart(t)
			}
			l.VerifyAudit(t)
		})
	}
}

// send leaves no connection open, which the next start of the server would break.
func (l *living) send(t *testing.T, method, path, body string, header map[string]string) answer {
	t.Helper()
	closing := map[string]string{"Connection": "close"}
	maps.Copy(closing, header)
	return l.harness.send(t, method, path, body, closing)
}

// ok sends a request that must be answered so.
func (l *living) ok(t *testing.T, status int, method, path, body string) answer {
	t.Helper()
	a := l.send(t, method, path, body, nil)
	if a.status != status {
		t.Fatalf("%s %s %s: %d, want %d: %s", method, path, body, a.status, status, a.body)
	}
	return a
}

// refuse sends a request that the platform does not allow.
func (l *living) refuse(t *testing.T, method, path, body string, field string) {
	t.Helper()
	scenario{status: http.StatusUnprocessableEntity, code: api.CodeUnsupported, field: field}.check(t, l.send(t, method, path, body, nil))
}

// asks is what a gateway hears about whoever shows the secret.
func (l *living) asks(t *testing.T, secret, scope string) answer {
	t.Helper()
	header := map[string]string{api.HeaderAuthorize: l.Owner, api.HeaderAPIKey: secret}
	if l.issued.Username != "" {
		header = map[string]string{api.HeaderAuthorize: l.Owner, api.HeaderAPIKey: "-", "Authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(l.issued.Username+":"+secret))}
	}
	path := "/v1/authorize"
	if scope != "" {
		path += "?scope=" + scope
	}
	return l.send(t, http.MethodGet, path, "", header)
}

// works checks what a gateway hears about the secret.
func (l *living) works(t *testing.T, secret, scope string, status int, body string) {
	t.Helper()
	if a := l.asks(t, secret, scope); a.status != status || !strings.Contains(a.body, body) {
		t.Errorf("for %q: %d %s, want %d %s", scope, a.status, a.body, status, body)
	}
}

func (l *living) born(t *testing.T) {
	l.ok(t, http.StatusCreated, http.MethodPost, l.keys, l.life.key).decode(t, &l.issued)
	l.key = l.keys + "/" + l.issued.ID
	if strings.Contains(l.life.key, "secret") {
		if !l.issued.Secret.IsZero() || l.issued.Username == "" {
			t.Errorf("an API user comes back as %+v", l.issued)
		}
		l.issued.Secret = api.NewSecret("correct horse 1")
	}
	if l.issued.Secret.IsZero() || l.issued.Status != api.StatusActive || l.issued.Subaccount != l.in {
		t.Errorf("the key is %+v", l.issued)
	}
}

func (l *living) used(t *testing.T) {
	l.works(t, l.issued.Secret.Reveal(), l.granted, http.StatusNoContent, "")
	if l.lacking != "" {
		l.works(t, l.issued.Secret.Reveal(), l.lacking, http.StatusForbidden, l.missing)
	}
	// The last character of a base64url text may differ without a difference in its
	// bits, but secrets are compared as they are written.
	last := l.issued.Secret.Reveal()[len(l.issued.Secret.Reveal())-1:]
	l.works(t, strings.TrimSuffix(l.issued.Secret.Reveal(), last)+map[bool]string{true: "x", false: "y"}[last == "y"], l.granted, http.StatusUnauthorized, l.refused)
	l.works(t, l.issued.Secret.Reveal(), l.granted, http.StatusNoContent, "")
}

func (l *living) edits(t *testing.T) {
	l.ok(t, http.StatusOK, http.MethodPatch, l.key, `{"description":"edited"}`)
	if l.edit == "" {
		l.refuse(t, http.MethodPatch, l.key, `{"scopes":["`+map[bool]string{true: "inbound", false: "any"}[l.platform == "mailchannels"]+`"]}`, "scopes")
		return
	}
	l.ok(t, http.StatusOK, http.MethodPatch, l.key, l.edit)
	l.works(t, l.issued.Secret.Reveal(), l.edited, http.StatusNoContent, "")
	l.granted = l.edited
}

func (l *living) rotates(t *testing.T) {
	if l.rotate == "" {
		l.refuse(t, http.MethodPost, l.key+"/rotate", `{}`, "")
		return
	}
	var next api.IssuedAPIKey
	l.ok(t, http.StatusOK, http.MethodPost, l.key+"/rotate", l.rotate).decode(t, &next)
	if strings.Contains(l.rotate, "secret") {
		next.Secret = api.NewSecret("correct horse 2")
	}
	if next.ID != l.issued.ID || next.SecretVersion != 2 || next.Secret.Equal(l.issued.Secret) {
		t.Errorf("the rotated key is %+v", next)
	}
	l.works(t, next.Secret.Reveal(), l.granted, http.StatusNoContent, "")
	if l.overlap {
		l.works(t, l.issued.Secret.Reveal(), l.granted, http.StatusNoContent, "")
		l.Advance(time.Hour)
	} else {
		l.refuse(t, http.MethodPost, l.key+"/rotate", strings.Replace(l.rotate, "{", `{"overlap":"1h"`+map[bool]string{true: ",", false: ""}[len(l.rotate) > 2], 1), "overlap")
	}
	l.works(t, l.issued.Secret.Reveal(), l.granted, http.StatusUnauthorized, l.refused)
	l.issued = next
}

func (l *living) disables(t *testing.T) {
	if !l.disable {
		l.refuse(t, http.MethodPatch, l.key, `{"enabled":false}`, "enabled")
		return
	}
	l.ok(t, http.StatusOK, http.MethodPatch, l.key, `{"enabled":false}`)
	l.works(t, l.issued.Secret.Reveal(), l.granted, http.StatusUnauthorized, "")
	l.ok(t, http.StatusOK, http.MethodPatch, l.key, `{"enabled":true}`)
	l.works(t, l.issued.Secret.Reveal(), l.granted, http.StatusNoContent, "")
}

func (l *living) expires(t *testing.T) {
	body := `{"expires_at":"` + l.Now().Add(time.Hour).Truncate(time.Second).Format(time.RFC3339) + `"}`
	if !l.expire {
		l.refuse(t, http.MethodPatch, l.key, body, "expires_at")
		return
	}
	l.ok(t, http.StatusOK, http.MethodPatch, l.key, body)
	l.works(t, l.issued.Secret.Reveal(), l.granted, http.StatusNoContent, "")
	l.Advance(time.Hour)
	l.works(t, l.issued.Secret.Reveal(), l.granted, http.StatusUnauthorized, "")
	l.ok(t, http.StatusOK, http.MethodPost, l.key+"/rotate", `{"expires_at":null}`).decode(t, &l.issued)
	l.works(t, l.issued.Secret.Reveal(), l.granted, http.StatusNoContent, "")
}

func (l *living) fills(t *testing.T) {
	if l.limit == 0 {
		return // as many as one likes
	}
	body := func(i int) string {
		if strings.Contains(l.more, "%d") {
			return fmt.Sprintf(l.more, i)
		}
		return l.more
	}
	for i := 1; i < l.limit; i++ {
		l.ok(t, http.StatusCreated, http.MethodPost, l.keys, body(i))
	}
	scenario{status: http.StatusConflict, code: api.CodeLimitReached, want: []string{fmt.Sprintf("is %d. Delete one", l.limit)}}.check(t,
		l.send(t, http.MethodPost, l.keys, body(l.limit), nil))
	l.works(t, l.issued.Secret.Reveal(), l.granted, http.StatusNoContent, "")
}

func (l *living) suspended(t *testing.T) {
	if l.in != "" {
		l.ok(t, http.StatusOK, http.MethodPatch, "/v1/subaccounts/"+l.in, `{"status":"suspended"}`)
		l.works(t, l.issued.Secret.Reveal(), l.granted, http.StatusForbidden, "")
		l.ok(t, http.StatusOK, http.MethodPatch, "/v1/subaccounts/"+l.in, `{"status":"active"}`)
	}
	l.SetStanding(t, api.StandingPastDue)
	l.works(t, l.issued.Secret.Reveal(), l.granted, http.StatusForbidden, "")
	l.SetStanding(t, api.StandingPendingCancel)
	l.works(t, l.issued.Secret.Reveal(), l.granted, http.StatusNoContent, "")
}

func (l *living) dies(t *testing.T) {
	l.ok(t, http.StatusNoContent, http.MethodDelete, l.key, "")
	l.works(t, l.issued.Secret.Reveal(), l.granted, http.StatusUnauthorized, l.refused)
	scenario{status: http.StatusNotFound, code: api.CodeNotFound}.check(t, l.send(t, http.MethodGet, l.key, "", nil))
	if l.limit > 0 {
		body := l.more
		if strings.Contains(body, "%d") {
			body = fmt.Sprintf(body, l.limit)
		}
		l.ok(t, http.StatusCreated, http.MethodPost, l.keys, body)
	}
}
