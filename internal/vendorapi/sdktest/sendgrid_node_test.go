package sdktest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// sendgridKey starts a server and makes a key there with all scopes but billing's, as
// SendGrid's own page makes the first one.
func sendgridKey(t *testing.T) (*servertest.Server, string) {
	t.Helper()
	srv := servertest.Start(t, servertest.Platform("sendgrid"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/v3/api_keys", strings.NewReader(`{"name":"first"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+srv.Owner)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var made struct {
		Key string `json:"api_key"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&made); err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("making the first key: %s, %v", resp.Status, err)
	}
	return srv, made.Key
}

// entry is what the script notes of one call.
type entry struct {
	Step    string
	Status  int
	Failed  bool // the SDK threw an error
	Body    json.RawMessage
	Headers map[string]string
}

func TestSendGrid_NodeClientRunsEveryCall(t *testing.T) {
	t.Parallel()
	srv, key := sendgridKey(t)
	var report []entry
	node(t, "sendgrid.js", map[string]string{"SENDGRID_URL": srv.URL, "SENDGRID_KEY": key}, &report)

	// What each call must come to: the status, and parts of the body.
	want := map[string]struct {
		status int
		parts  []string
	}{
		"subuser: create":        {200, []string{`"username":"node-shop"`, `"email":"shop@example.com"`, `"user_id":`, `"credit_allocation":{"type":"unlimited"}`}},
		"subuser: create again":  {400, []string{`{"errors":[{"message":"username exists"}]}`}},
		"subuser: list":          {200, []string{`[{"disabled":false,`, `"username":"node-shop"}]`}},
		"subuser: ips":           {200, []string{`{"ips":["192.0.2.2"]}`}},
		"subuser: disable":       {204, []string{`""`}},
		"subuser: list disabled": {200, []string{`"disabled":true`}},
		"subuser: delete":        {204, []string{`""`}},
		"subuser: list none":     {200, []string{`[]`}},
	}
	for _, who := range []string{"own", "shop"} {
		for step, w := range map[string]struct {
			status int
			parts  []string
		}{
			"create":      {201, []string{`"api_key":"SG.`, `"api_key_id":"`, `"name":"` + who + `"`, `"scopes":["alerts.read","mail.send"]`}},
			"list":        {200, []string{`{"result":[{"name":"`, `"api_key_id":"`, `"name":"` + who + `"`}},
			"get":         {200, []string{`"name":"` + who + `"`, `"scopes":["2fa_required","alerts.read","mail.send","sender_verification_eligible"]`}},
			"rename":      {200, []string{`{"name":"` + who + ` renamed","api_key_id":"`}},
			"replace":     {200, []string{`{"name":"` + who + ` replaced","api_key_id":"`}},
			"get again":   {200, []string{`"scopes":["2fa_required","sender_verification_eligible","stats.read"]`}},
			"its scopes":  {200, []string{`{"scopes":["2fa_required","sender_verification_eligible","stats.read"]}`}},
			"delete":      {204, []string{`""`}},
			"get deleted": {404, []string{`{"errors":[{"field":null,"message":"unable to find API Key"}]}`}},
			"no name":     {400, []string{`{"errors":[{"field":"name","message":"missing required argument"}]}`}},
			"scopes":      {200, []string{`{"scopes":["2fa_required","access_settings.activity.read"`}},
			"use deleted": {401, []string{"invalid, expired, or revoked"}},
		} {
			want[who+": "+step] = w
		}
	}
	for _, e := range report {
		w, ok := want[e.Step]
		if !ok {
			t.Errorf("the script made an unknown step %q, or one twice", e.Step)
			continue
		}
		delete(want, e.Step)
		missing := slices.DeleteFunc(w.parts, func(part string) bool { return strings.Contains(string(e.Body), part) })
		if e.Status != w.status || e.Failed != (w.status >= 400) || len(missing) > 0 {
			t.Errorf("%s: %d %s; want %d with %q", e.Step, e.Status, e.Body, w.status, w.parts)
		}
		if e.Headers["x-ratelimit-remaining"] == "" || e.Headers["x-ratelimit-reset"] == "" {
			t.Errorf("%s: the headers are %v", e.Step, e.Headers)
		}
	}
	for step := range want {
		t.Errorf("the script did not make the step %q", step)
	}
}
