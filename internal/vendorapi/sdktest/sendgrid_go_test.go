package sdktest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sendgrid/rest"
	"github.com/sendgrid/sendgrid-go"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// goClient makes calls through sendgrid-go.
type goClient struct {
	url, key, subuser string
}

func (c goClient) request(method, path, body string) rest.Request {
	r := sendgrid.GetRequestSubuser(c.key, path, c.url, c.subuser)
	r.Method = rest.Method(method)
	r.Body = []byte(body)
	return r
}

// call makes a call and holds its answer against the status and parts of the body.
func (c goClient) call(t *testing.T, method, path, body string, status int, parts ...string) string {
	t.Helper()
	resp, err := sendgrid.MakeRequestWithContext(t.Context(), c.request(method, path, body))
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	if resp.StatusCode != status {
		t.Errorf("%s %s: %d %s, want %d", method, path, resp.StatusCode, resp.Body, status)
	}
	for _, part := range parts {
		if !strings.Contains(resp.Body, part) {
			t.Errorf("%s %s: %s lacks %s", method, path, resp.Body, part)
		}
	}
	if len(resp.Headers["X-Ratelimit-Reset"]) != 1 {
		t.Errorf("%s %s: the headers are %v", method, path, resp.Headers)
	}
	return resp.Body
}

func (c goClient) keys(t *testing.T) {
	t.Helper()
	var made struct {
		Key string `json:"api_key"`
		ID  string `json:"api_key_id"`
	}
	body := c.call(t, "POST", "/v3/api_keys", `{"name":"go","scopes":["mail.send"]}`, 201, `"scopes":["mail.send"]`)
	if err := json.Unmarshal([]byte(body), &made); err != nil {
		t.Fatal(err)
	}
	self := goClient{url: c.url, key: made.Key}
	one := "/v3/api_keys/" + made.ID
	c.call(t, "GET", "/v3/api_keys", "", 200, `"name":"go","api_key_id":"`+made.ID+`"`)
	c.call(t, "GET", one, "", 200, `"name":"go","api_key_id":"`+made.ID+`"`, `"mail.send"`)
	c.call(t, "PATCH", one, `{"name":"go 2"}`, 200, `{"name":"go 2","api_key_id":"`+made.ID+`"}`)
	c.call(t, "PUT", one, `{"name":"go 3","scopes":["stats.read"]}`, 200, `{"name":"go 3","api_key_id":"`+made.ID+`"}`)
	self.call(t, "GET", "/v3/scopes", "", 200, `"stats.read"`)
	self.call(t, "GET", "/v3/api_keys", "", 403, `"access forbidden"`)
	c.call(t, "GET", "/v3/scopes", "", 200, `"mail.send"`)
	c.call(t, "POST", "/v3/api_keys", `{"name":"go","scopes":["no.such"]}`, 400, `"field":"scopes"`)
	c.call(t, "DELETE", one, "", 204)
	c.call(t, "DELETE", one, "", 404, "unable to find API Key for deletion")
	self.call(t, "GET", "/v3/scopes", "", 401, "invalid, expired, or revoked")
}

func TestSendGrid_GoClientRunsEveryCall(t *testing.T) {
	t.Parallel()
	srv, key := sendgridKey(t)
	c := goClient{url: srv.URL, key: key}
	c.keys(t)
	c.call(t, "POST", "/v3/subusers", `{"username":"go-shop","email":"shop@example.com","password":"a-password-of-a-subuser","ips":["192.0.2.1"]}`, 200, `"username":"go-shop"`)
	listed := c.request("GET", "/v3/subusers", "")
	listed.QueryParams = map[string]string{"username": "go-shop", "limit": "10", "offset": "0"}
	if resp, err := sendgrid.MakeRequest(listed); err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(resp.Body, `"username":"go-shop"`) {
		t.Errorf("the list: %v, %v", resp, err)
	}
	goClient{url: srv.URL, key: key, subuser: "go-shop"}.keys(t)
	c.call(t, "PUT", "/v3/subusers/go-shop/ips", `["192.0.2.2"]`, 200, `{"ips":["192.0.2.2"]}`)
	c.call(t, "PATCH", "/v3/subusers/go-shop", `{"disabled":true}`, 204)
	c.call(t, "GET", "/v3/subusers", "", 200, `"disabled":true`)
	c.call(t, "DELETE", "/v3/subusers/go-shop", "", 204)
	c.call(t, "GET", "/v3/subusers", "", 200, `[]`)
}

func TestSendGrid_GoClientComesThroughALimit(t *testing.T) {
	t.Parallel()
	srv, key := sendgridKey(t)
	srv.Inject(servertest.Fault{Kind: servertest.RateLimited, Method: http.MethodGet, Prefix: "/v3/api_keys", Reset: time.Now().Add(time.Second)})
	c := goClient{url: srv.URL, key: key}
	resp, err := sendgrid.MakeRequestRetryWithContext(t.Context(), c.request("GET", "/v3/api_keys", ""))
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("got %v, %v", resp, err)
	}
	if n := srv.Counts()["GET /v3/api_keys"]; n != 2 {
		t.Errorf("it took %d requests, want 2", n)
	}
}
