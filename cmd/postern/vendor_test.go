package main

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

// ask sends a request as SendGrid's clients do.
func (s *serving) ask(t *testing.T, method, path, credential, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+credential)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestServe_FirstStartOnSendGridHasItsPaths(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	s := serve(t, "--data-dir", dir, "--platform", "sendgrid")
	owner := s.owner(t)
	if status, body := s.ask(t, http.MethodPost, "/v3/api_keys", owner, `{"name":"first","scopes":["mail.send"]}`); status != http.StatusCreated || !strings.Contains(body, `"api_key":"SG.`) {
		t.Errorf("%d %s", status, body)
	}
	s.stop()
	again := serve(t, "--data-dir", dir, "--platform", "sendgrid")
	if status, body := again.ask(t, http.MethodGet, "/v3/api_keys", owner, ""); status != http.StatusOK || !strings.Contains(body, `"name":"first"`) {
		t.Errorf("after another start: %d %s", status, body)
	}
}

func TestServe_RefusesAFolderWithoutAnAccountOnThePlatformThatIsNamed(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	dataDir(t, "--data-dir", dir)
	fails(t, dir+` holds no account on the platform "sendgrid", only on postern, and an account never changes its platform; leave --platform out, `+
		`choose another folder with --data-dir, or make an account beside the others with: postern account create --platform sendgrid`,
		"serve", "--listen", "127.0.0.1:0", "--data-dir", dir, "--platform", "sendgrid")
	s := serve(t, "--data-dir", dir) // the default is for first starts only
	s.stop()
	asJSON(t, &createdAccount{}, "account", "create", "--data-dir", dir, "--name", "second", "--platform", "sendgrid")
	for _, platform := range []string{"sendgrid", "postern"} {
		s := serve(t, "--data-dir", dir, "--platform", platform)
		s.stop()
	}
}
