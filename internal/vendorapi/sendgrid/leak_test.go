package sendgrid_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
)

// window is how many characters of a secret are looked for: no two secrets share so
// many by chance, and no place that shows so many is harmless.
const window = 12

// needles finds secrets in a text, plain or in a usual encoding.
type needles map[string]string

func (n needles) add(what, random string) {
	n[random[:window]] = what
	n[random[len(random)-window:]] = what + ", its end"
	n[hex.EncodeToString([]byte(random))[:window]] = what + " in hex"
	for shift := range 3 {
		n[base64.StdEncoding.EncodeToString([]byte(random[shift:]))[:window]] = what + " in base64"
	}
}

func (n needles) in(text string) []string {
	var found []string
	for i := 0; i+window <= len(text); i++ {
		if what, ok := n[text[i:i+window]]; ok {
			found = append(found, what)
		}
	}
	return found
}

// secretPart is what is secret of a key: its id, in the middle, is not.
func secretPart(key string) string { return key[strings.LastIndexByte(key, '.')+1:] }

func TestNoSecretIsInLogsAnswersOrDatabase(t *testing.T) {
	t.Parallel()
	h := start(t)
	find := needles{}
	find.add("the owner's", strings.TrimPrefix(h.Owner, "ptn_owner_"))
	find.add("a subuser's password", subuserPassword)
	h.subuser(t, "shop")
	var all []issued
	for i := range 40 {
		k := h.key(t, []string{"", "shop"}[i%2], fmt.Sprintf("looked for %03d", i), "mail.send", "api_keys.read")
		find.add("a key's", secretPart(k.Secret))
		all = append(all, k)
	}
	answers := ""
	add := func(a answer) { answers += fmt.Sprint(a.header) + a.body }
	for i, k := range all {
		add(h.as(t, k.Secret, "", "GET", "/v3/scopes", ""))
		add(h.as(t, k.Secret, "", "GET", "/v3/api_keys", ""))
		add(h.as(t, k.Secret, "", "POST", "/v3/api_keys", `{"name":"denied"}`))
		add(h.as(t, k.Secret+"x", "", "GET", "/v3/scopes", ""))
		if i%2 == 0 {
			add(h.owner(t, "PATCH", "/v3/api_keys/"+k.ID, `{"name":"`+k.Name+` renamed"}`))
			add(h.owner(t, "PUT", "/v3/api_keys/"+k.ID, `{"name":"`+k.Name+`","scopes":["stats.read"]}`))
		}
		if i%4 == 0 {
			add(h.owner(t, "DELETE", "/v3/api_keys/"+k.ID, ""))
		}
		// And in places where no secret belongs, as people mix them up.
		wrong := url.PathEscape(k.Secret)
		for _, place := range []string{"/v3/api_keys/" + wrong, "/v3/subusers?username=" + wrong, "/v3/api_keys?limit=" + wrong, "/v3/" + wrong} {
			add(h.owner(t, "GET", place, ""))
		}
		add(h.as(t, h.Owner, k.Secret, "GET", "/v3/api_keys", ""))
		add(h.owner(t, "DELETE", "/v3/subusers/"+wrong, ""))
		add(h.owner(t, "POST", "/v3/api_keys", `{"name":"n","scopes":["`+k.Secret+`"]}`))
		add(h.owner(t, "PUT", "/v3/api_keys/"+all[1].ID, `{"name":"n","scopes":["`+k.Secret+`"]}`))
		add(h.owner(t, "POST", "/v3/subusers", newSubuser(k.Secret)))
		add(h.raw(t, http.Header{"Authorization": {"Basic " + k.Secret}}, "GET", "/v3/scopes", ""))
	}
	add(h.owner(t, "POST", "/v3/subusers", newSubuser("shop")))
	h.VerifyAudit(t)
	h.Stop(t)
	for where, text := range map[string]string{"the answers": answers, "the log": h.Logs()} {
		if found := find.in(text); len(found) > 0 {
			t.Errorf("%s hold %d secrets, such as one %s", where, len(found), found[0])
		}
	}
	database := ""
	for _, path := range h.DatabaseFiles(t) {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		database += string(text)
	}
	if found := find.in(database); len(found) > 0 {
		t.Errorf("the database holds %d secrets, such as one %s", len(found), found[0])
	}
	// The same search finds what is there, so it looks in the right place.
	if n := len(needles{"looked for 0": "a name"}.in(database)); n < len(all)/2 {
		t.Errorf("the names of %d keys are in the database", n)
	}
	if planted := find.in(h.Owner + subuserPassword); len(planted) != 4 {
		t.Errorf("the search finds %v of secrets that are there", planted)
	}
	if n := strings.Count(h.Logs(), `"route":"/v3/api_keys/{id}"`); n < len(all) {
		t.Errorf("%d requests of one key are in the log", n)
	}
}
