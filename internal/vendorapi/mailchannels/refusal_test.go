package mailchannels_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi/mailchannels"
)

func TestRefusals_HaveTheStatusesOfTheDescription(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subaccount(t, "acme1")
	for what, c := range map[string]struct {
		method, path, body string
		status             int
		says               string
	}{
		"a handle that is taken":   {http.MethodPost, root, `{"company_name":"Acme","handle":"acme1"}`, 409, "another sub-account"},
		"a bad handle":             {http.MethodPost, root, `{"company_name":"Acme","handle":"Acme-1"}`, 400, "handle must be 3 to 128 lower case"},
		"an empty handle":          {http.MethodPost, root, `{"company_name":"Acme","handle":""}`, 400, "handle must not be empty"},
		"no name":                  {http.MethodPost, root, `{}`, 400, "company_name must be 3 to 128"},
		"a short name":             {http.MethodPost, root, `{"company_name":"ab"}`, 400, "company_name must be 3 to 128"},
		"a long name":              {http.MethodPost, root, `{"company_name":"` + strings.Repeat("a", 129) + `"}`, 400, "company_name must be 3 to 128"},
		"a name in control":        {http.MethodPost, root, `{"company_name":"abc\u0000"}`, 400, "company_name must not hold control"},
		"a name that is a number":  {http.MethodPost, root, `{"company_name":1}`, 400, "company_name is of the wrong type"},
		"no body":                  {http.MethodPost, root, ``, 400, "body of JSON"},
		"a list":                   {http.MethodPost, root, `[]`, 400, "JSON object"},
		"null":                     {http.MethodPost, root, `null`, 400, "JSON object"},
		"two objects":              {http.MethodPost, root, `{"company_name":"Acme"}{}`, 400, "not valid JSON"},
		"a body that is too large": {http.MethodPost, root, `{"company_name":"` + strings.Repeat("a", 1<<17) + `"}`, 400, "at most 65536 bytes"},
		"limit 0":                  {http.MethodGet, root + "?limit=0", "", 400, "limit must be 1 to 1000"},
		"limit 1001":               {http.MethodGet, root + "?limit=1001", "", 400, "limit must be 1 to 1000"},
		"limit a":                  {http.MethodGet, root + "?limit=a", "", 400, "limit must be"},
		"limit twice":              {http.MethodGet, root + "?limit=1&limit=2", "", 400, "limit must be sent once"},
		"offset -1":                {http.MethodGet, root + "?offset=-1", "", 400, "offset must be"},
		"limit of keys":            {http.MethodGet, root + "/acme1/api-key?limit=1001", "", 400, "limit must be"},
		"keys of none":             {http.MethodGet, root + "/none/api-key", "", 404, "no such sub-account"},
		"a key for none":           {http.MethodPost, root + "/none/api-key", "", 404, "no such sub-account"},
		"an id of letters":         {http.MethodDelete, root + "/acme1/api-key/abc", "", 400, "whole number"},
		"an id with a sign":        {http.MethodDelete, root + "/acme1/api-key/+1", "", 400, "whole number"},
		"suspending none":          {http.MethodPost, root + "/none/suspend", "", 404, "no such sub-account"},
		"activating none":          {http.MethodPost, root + "/none/activate", "", 404, "no such sub-account"},
		"the limit of none":        {http.MethodGet, root + "/none/limit", "", 404, "no such sub-account"},
		"a limit for none":         {http.MethodPut, root + "/none/limit", `{"sends":1}`, 404, "no such sub-account"},
		"the usage of none":        {http.MethodGet, root + "/none/usage", "", 404, "no such sub-account"},
		"a negative limit":         {http.MethodPut, root + "/acme1/limit", `{"sends":-1}`, 400, "sends must be"},
		"half a limit":             {http.MethodPut, root + "/acme1/limit", `{"sends":1.5}`, 400, "sends is of the wrong type"},
		"no limit":                 {http.MethodPut, root + "/acme1/limit", `{}`, 400, "sends must be"},
		"SMTP passwords":           {http.MethodGet, root + "/acme1/smtp-password", "", 501, "no SMTP passwords"},
		"an SMTP password":         {http.MethodPost, root + "/acme1/smtp-password", "", 501, "no SMTP passwords"},
		"no SMTP password":         {http.MethodDelete, root + "/acme1/smtp-password/1", "", 501, "no SMTP passwords"},
		"another method":           {http.MethodPatch, root + "/acme1", "", 405, "takes DELETE only"},
		"one sub-account":          {http.MethodGet, root + "/acme1", "", 405, "takes DELETE only"},
		"another part of the API":  {http.MethodPost, "/tx/v1/send", "{}", 404, "no such path"},
	} {
		h.refuse(t, what, h.Owner, c.method, c.path, c.body, c.status, c.says)
	}
	h.want(t, http.MethodGet, root, "", 200, `[{"company_name":"Acme","enabled":true,"handle":"acme1"}]`)
}

func TestCredentials_WhoMayNotIsToldSo(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subaccount(t, "acme1")
	h.subaccount(t, "other1")
	mine, theirs := h.key(t, "acme1"), h.key(t, "other1")
	_, stranger := h.NewAccount(t, "sendgrid")
	_, reader := h.NewOwner(t, h.AccountID(), "subaccounts:read", "apikeys:read")
	for what, c := range map[string]struct {
		credential, method, path string
		status                   int
		says                     string
	}{
		"none":                        {"", http.MethodGet, root, 401, "No API key was sent"},
		"an unknown one":              {"mch_" + strings.Repeat("a", 43), http.MethodGet, root, 401, "not valid"},
		"one of another platform":     {stranger, http.MethodGet, root, 403, "another platform"},
		"one without the right":       {reader, http.MethodPost, root + "/acme1/api-key", 403, "lacks the right"},
		"one that may not suspend":    {reader, http.MethodPost, root + "/acme1/suspend", 403, "lacks the right"},
		"a sub-account's on another":  {mine.Key, http.MethodGet, root + "/other1/api-key", 404, "no such sub-account"},
		"a sub-account's for another": {mine.Key, http.MethodPost, root + "/other1/api-key", 404, "no such sub-account"},
		"a sub-account's on itself":   {mine.Key, http.MethodPost, root + "/acme1/suspend", 403, "bound to a sub-account"},
		"a sub-account's limit":       {mine.Key, http.MethodDelete, root + "/acme1/limit", 403, "bound to a sub-account"},
		"a sub-account's own end":     {mine.Key, http.MethodDelete, root + "/other1", 403, "bound to a sub-account"},
	} {
		h.refuse(t, what, c.credential, c.method, c.path, "", c.status, c.says)
	}
	if a := h.as(t, mine.Key, http.MethodDelete, root+"/other1/api-key/"+theirs.ID.String(), ""); a.Status != 204 {
		t.Errorf("deleting what it cannot see: %d %s", a.Status, a.Body)
	}
	if a := h.as(t, theirs.Key, http.MethodGet, root, ""); a.Body != `[{"company_name":"Acme","enabled":true,"handle":"other1"}]` {
		t.Errorf("a sub-account's key sees %s", a.Body)
	}
	h.want(t, http.MethodPost, root+"/acme1/suspend", "", 204, "")
	h.refuse(t, "a suspended one", mine.Key, http.MethodGet, root, "", 403, "may not use")
	h.SetStanding(t, api.StandingSuspended)
	h.refuse(t, "a suspended account", h.Owner, http.MethodGet, root, "", 403, "may not use")
	h.VerifyAudit(t)
}

func TestFullDisk_Is500AndWritesNothing(t *testing.T) {
	t.Parallel()
	h := start(t)
	h.subaccount(t, "acme1")
	h.FillDisk(t)
	h.refuse(t, "a full disk", h.Owner, http.MethodPost, root+"/acme1/api-key", "", 500, "storage is full")
	h.FreeDisk(t)
	h.want(t, http.MethodGet, root+"/acme1/api-key", "", 200, `[]`)
}

func TestQuirk_DeletingWhatIsNotThereMayBe404(t *testing.T) {
	t.Parallel()
	data, err := server.Open(t.Context(), server.Data{Dir: filepath.Join(t.TempDir(), "data")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = data.Close() })
	_, owner, err := data.Initialise(t.Context(), keyring.NewAccount{Name: "test", Platform: "mailchannels"})
	if err != nil {
		t.Fatal(err)
	}
	for quirk, status := range map[mailchannels.Quirks]int{{}: 204, {NotFoundOnDelete: true}: 404} {
		s := httptest.NewServer(mailchannels.New(mailchannels.Config{Keyring: data.Keyring, Log: slog.New(slog.DiscardHandler), Quirks: quirk}))
		t.Cleanup(s.Close)
		h := harness{&servertest.Server{URL: s.URL, Owner: owner.Reveal()}}
		handle := fmt.Sprintf("acme%d", status)
		h.subaccount(t, handle)
		for _, path := range []string{"/none1", "/" + handle + "/api-key/123456789012345", "/" + handle + "/api-key/7", "/none1/api-key/7", "/none1/limit"} {
			if a := h.as(t, h.Owner, http.MethodDelete, root+path, ""); a.Status != status {
				t.Errorf("%+v: %s: %d %s", quirk, path, a.Status, a.Body)
			}
		}
	}
}
