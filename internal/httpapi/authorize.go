package httpapi

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/proxy"
)

const routeAuthorize = "/v1/authorize"

// Headers by which a gateway learns whom it lets in.
const (
	headerAPIKeyID   = "X-Postern-Apikey-Id"
	headerAccountID  = "X-Postern-Account-Id"
	headerSubaccount = "X-Postern-Subaccount"
	headerScopes     = "X-Postern-Scopes"

	headerScopesOmitted = "X-Postern-Scopes-Omitted"
)

// maxScopesHeader is the longest list of scopes that a header holds, in bytes. With the
// other headers of the answer it fits a gateway's buffer of 24 KiB.
const maxScopesHeader = 16 << 10

// Headers by which a gateway's caller learns of the limits on requests.
const (
	headerLimit            = "X-RateLimit-Limit"
	headerRemaining        = "X-RateLimit-Remaining"
	headerReset            = "X-RateLimit-Reset"
	headerMonthlyLimit     = "X-Monthly-Limit"
	headerMonthlyRemaining = "X-Monthly-Remaining"
)

// gatewayHeaders are those that not every answer to a gateway has.
var gatewayHeaders = []string{
	headerSubaccount, headerScopes, headerScopesOmitted, headerLimit, headerRemaining, headerReset, headerMonthlyLimit, headerMonthlyRemaining, "WWW-Authenticate",
}

// isAuthorize reports whether a request is one of a gateway. Its path may go on with that
// of the gateway's caller.
func isAuthorize(r *http.Request) bool {
	path := r.URL.EscapedPath()
	return path == routeAuthorize || strings.HasPrefix(path, routeAuthorize+"/")
}

// authorize answers a gateway, whatever the method: some gateways send that of their caller.
// A body is not read, as it would be the caller's, too.
func (a *API) authorize(x *exchange, r *http.Request) {
	r.Pattern = routeAuthorize // it was not reached through the mux, and the log names requests by it
	if err := a.answerGateway(x, r); err != nil {
		a.refuseGateway(x, r, err)
	}
}

func (a *API) answerGateway(x *exchange, r *http.Request) error {
	ask, err := readQuestion(r)
	if err != nil {
		return a.callerFirst(x, r, gatewayCredential, err)
	}
	in, reason := presented(r.Header)
	var fault proxy.Fault
	in.Address, fault = a.proxies.Claimed(r)
	who, v, err := a.verify(x, r, gatewayCredential, in, ask.scopes)
	if err != nil {
		return err
	}
	a.checkClaim(x, who, fault)
	h := x.Header()
	limitHeaders(h, v.Requests)
	if !v.Valid() {
		if reason == "" || v.Code != api.VerifyInvalid {
			reason = a.reasonOf(who, v)
		}
		a.refuseCaller(x, who, v, reason)
		return nil
	}
	h.Set(headerAPIKeyID, v.APIKey.ID)
	h.Set(headerAccountID, v.APIKey.Account)
	if v.Handle != "" {
		h.Set(headerSubaccount, v.Handle)
	}
	if ask.listScopes {
		listScopes(h, v.Effective)
	}
	x.WriteHeader(ask.letIn)
	return nil
}

// listScopes tells what the key grants, unless that is more than a gateway's buffer holds. A
// list that is cut short would read like a whole one.
func listScopes(h http.Header, effective []string) {
	if list := strings.Join(effective, ","); len(list) <= maxScopesHeader {
		h.Set(headerScopes, list)
		return
	}
	h.Set(headerScopesOmitted, strconv.Itoa(len(effective)))
}

// limitHeaders tell a caller what is left of its account's requests, as Benchmark
// Email's API does, on answers that counted against a limit.
func limitHeaders(h http.Header, left keyring.Requests) {
	number := func(name string, n int64) { h.Set(name, strconv.FormatInt(n, 10)) }
	if hour := left.Hour; hour != nil {
		number(headerLimit, hour.Limit)
		number(headerRemaining, hour.Limit-hour.Used)
		number(headerReset, hour.ResetAt.Unix())
	}
	if month := left.Month; month != nil {
		number(headerMonthlyLimit, month.Limit)
		number(headerMonthlyRemaining, month.Limit-month.Used)
	}
}

// refuseCaller answers a gateway's caller that is not let in.
func (a *API) refuseCaller(x *exchange, who keyring.Caller, v keyring.Verification, reason string) {
	x.reason = reason
	x.Header().Set(api.HeaderReason, reason)
	status := verdictStatus(v.Code)
	switch {
	case status == http.StatusTooManyRequests:
		x.Header().Set(api.HeaderRetryAfter, strconv.FormatInt(int64(v.RetryAfter/time.Second), 10))
	case status == http.StatusUnauthorized && who.APIUsers():
		x.Header().Set("WWW-Authenticate", `Basic realm="api", charset="UTF-8"`)
	}
	x.send(status, "application/json", a.keyring.Answer(who, v))
}
