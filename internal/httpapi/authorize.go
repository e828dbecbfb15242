package httpapi

import (
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

const routeAuthorize = "/v1/authorize"

// Headers by which a gateway learns whom it lets in.
const (
	headerAPIKeyID   = "X-Postern-Apikey-Id"
	headerAccountID  = "X-Postern-Account-Id"
	headerSubaccount = "X-Postern-Subaccount"
	headerScopes     = "X-Postern-Scopes"
)

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
	headerSubaccount, headerLimit, headerRemaining, headerReset, headerMonthlyLimit, headerMonthlyRemaining, "WWW-Authenticate",
}

// Headers in which a gateway says where its caller came from.
const (
	headerRealIP       = "X-Real-Ip"
	headerForwardedFor = "X-Forwarded-For"
)

func (a *API) registerAuthorize() {
	op := authorizeOperation()
	a.thin(op, func(x *exchange, r *http.Request) error {
		sent, err := query(r, &op)
		if err != nil {
			return a.callerFirst(x, r, gatewayCredential, err)
		}
		var scopes []string
		for _, v := range sent["scope"] {
			scopes = append(scopes, strings.Split(v, ",")...)
		}
		who, v, err := a.verify(x, r, gatewayCredential, presented(r.Header), scopes)
		if err != nil {
			return err
		}
		h := x.Header()
		limitHeaders(h, v.Requests)
		if !v.Valid() {
			a.refuseCaller(x, who, v)
			return nil
		}
		h.Set(headerAPIKeyID, v.APIKey.ID)
		h.Set(headerAccountID, v.APIKey.Account)
		if v.Handle != "" {
			h.Set(headerSubaccount, v.Handle)
		}
		h.Set(headerScopes, strings.Join(v.Effective, ","))
		x.WriteHeader(http.StatusNoContent)
		return nil
	})
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
func (a *API) refuseCaller(x *exchange, who keyring.Caller, v keyring.Verification) {
	status := verdictStatus(v.Code)
	switch {
	case status == http.StatusTooManyRequests:
		x.Header().Set(api.HeaderRetryAfter, strconv.FormatInt(int64(v.RetryAfter/time.Second), 10))
	case status == http.StatusUnauthorized && who.APIUsers():
		x.Header().Set("WWW-Authenticate", `Basic realm="api", charset="UTF-8"`)
	}
	x.send(status, "application/json", a.keyring.Answer(who, v))
}

func authorizeOperation() huma.Operation {
	text := &huma.Schema{Type: huma.TypeString}
	repeated := true
	op := operation("authorize", http.MethodGet, routeAuthorize, tagVerify,
		"Authorize a gateway's caller",
		"For the external authorization of nginx, Envoy, Traefik and Caddy. The gateway's own credential is in "+api.HeaderAuthorize+
			"; its caller's key is where its caller sent it, in X-API-Key or as Authorization: Bearer; where keys are API users, its username and "+
			"password are in Authorization: Basic. A caller that is let in is 204. One that is refused is 401, 403 or 429, with a body in the platform's own words.",
		http.StatusUnprocessableEntity)
	op.Security = []map[string][]string{{schemeGateway: {}}}
	op.Parameters = []*huma.Param{
		{Name: "scope", In: "query", Explode: &repeated, Description: "What the caller needs: several times, or separated by commas.", Schema: &huma.Schema{Type: huma.TypeArray, Items: text}},
		{Name: api.HeaderAPIKey, In: "header", Description: "The key of the gateway's caller.", Schema: text},
		{Name: "X-Real-IP", In: "header", Description: "The IP address that the gateway's caller came from. The gateway sets it itself, and lets none through that its caller sent.", Schema: text},
		{Name: headerForwardedFor, In: "header", Description: "The same, without X-Real-IP: its last element counts, which is what the gateway itself saw.", Schema: text},
	}
	op.Responses = authorizeResponses(text)
	return op
}

func authorizeResponses(text *huma.Schema) map[string]*huma.Response {
	number := &huma.Schema{Type: huma.TypeInteger}
	limits := func(more map[string]*huma.Header) map[string]*huma.Header {
		headers := map[string]*huma.Header{
			headerLimit:            {Description: "How many requests of the account's keys are let in within an hour, where that is limited.", Schema: number},
			headerRemaining:        {Description: "How many of them are left.", Schema: number},
			headerReset:            {Description: "When the count begins again, in seconds since 1970.", Schema: number},
			headerMonthlyLimit:     {Description: "How many are let in within a month, where that is limited.", Schema: number},
			headerMonthlyRemaining: {Description: "How many of them are left.", Schema: number},
		}
		maps.Copy(headers, more)
		return headers
	}
	refused := func(who string, headers map[string]*huma.Header) *huma.Response {
		return &huma.Response{
			Description: who + " is refused: the platform's own body. The gateway itself is refused: a problem.",
			Headers:     headers,
			Content:     map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{}}},
		}
	}
	return map[string]*huma.Response{
		"204": {
			Description: "The caller is let in.",
			Headers: limits(map[string]*huma.Header{
				headerAPIKeyID:   {Description: "The key's id.", Schema: text},
				headerAccountID:  {Description: "The account's id.", Schema: text},
				headerSubaccount: {Description: "The handle of the key's sub-account, where it has one.", Schema: text},
				headerScopes:     {Description: "All that the key grants, separated by commas.", Schema: text},
			}),
		},
		"401": refused("A caller whose key is not good", map[string]*huma.Header{
			"WWW-Authenticate": {Description: "How to sign in, where keys are API users.", Schema: text},
		}),
		"403": refused("A caller whose key is good, but not for this,", limits(nil)),
		"429": refused("A caller that asked too often, or that comes from an address of which too many keys were not good,", limits(map[string]*huma.Header{
			api.HeaderRetryAfter: {Description: "After how many seconds to try again.", Schema: number},
		})),
	}
}
