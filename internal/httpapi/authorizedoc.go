package httpapi

import (
	"maps"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

func authorizeOperation() huma.Operation {
	text := &huma.Schema{Type: huma.TypeString}
	op := operation("authorize", http.MethodGet, routeAuthorize, tagVerify,
		"Authorize a gateway's caller",
		"For the external authorization of nginx, Caddy, Traefik and Envoy. The gateway's own credential is in "+api.HeaderAuthorize+
			"; its caller's key is where its caller sent it, in X-API-Key or as Authorization: Bearer; where keys are API users, its username and "+
			"password are in Authorization: Basic. With X-API-Key, Authorization is the application's own and is not looked at. "+
			"A caller that is let in is 204. One that is refused is 401, 403 or 429, with a body in the platform's own words. "+
			"The caller's IP address is in the header that the server is told of by --client-address-header. "+
			"The method does not matter, and a body is not read.\n\n"+
			"A gateway that appends its caller's path and query, as Envoy does, asks with "+pathScopes1+"NAME,NAME/ or "+pathAnyScope+" before them. What follows, "+
			"the query included, is then not looked at, and a caller that is let in is 200.",
		http.StatusUnprocessableEntity)
	op.Security = []map[string][]string{{schemeGateway: {}}}
	op.Parameters = authorizeParameters()
	op.Responses = authorizeResponses(text)
	return op
}

func authorizeParameters() []*huma.Param {
	text := &huma.Schema{Type: huma.TypeString}
	repeated := true
	return []*huma.Param{
		{Name: "scope", In: "query", Explode: &repeated, Description: "What the caller needs: several times, or separated by commas.", Schema: &huma.Schema{Type: huma.TypeArray, Items: text}},
		{Name: api.HeaderAPIKey, In: "header", Description: "The key of the gateway's caller.", Schema: text},
		{Name: "scopes_header", In: "query", Description: "Whether a caller that is let in is answered with " + headerScopes + ".", Schema: &huma.Schema{Type: huma.TypeBoolean}},
	}
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
	reasoned := func(headers map[string]*huma.Header) map[string]*huma.Header {
		headers[api.HeaderReason] = &huma.Header{Description: "Why: one of a few words, which say no more than the body does.", Schema: text}
		return headers
	}
	refused := func(who string, headers map[string]*huma.Header) *huma.Response {
		return &huma.Response{
			Description: who + " is refused: the platform's own body. The gateway itself is refused: a problem.",
			Headers:     reasoned(headers),
			Content:     map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{}}},
		}
	}
	letIn := func(how string) *huma.Response {
		return &huma.Response{
			Description: "The caller is let in" + how,
			Headers: limits(map[string]*huma.Header{
				headerAPIKeyID:   {Description: "The key's id.", Schema: text},
				headerAccountID:  {Description: "The account's id.", Schema: text},
				headerSubaccount: {Description: "The handle of the key's sub-account, where it has one.", Schema: text},
				headerScopes:     {Description: "All that the key grants, separated by commas, where scopes_header asks for it.", Schema: text},

				headerScopesOmitted: {Description: "How many scopes the key grants, instead of " + headerScopes + ", where that would be longer than 16 KiB.", Schema: number},
			}),
		}
	}
	return map[string]*huma.Response{
		"200": letIn(", and the gateway appends its caller's path."),
		"204": letIn("."),
		"401": refused("A caller whose key is not good", map[string]*huma.Header{
			"WWW-Authenticate": {Description: "How to sign in, where keys are API users.", Schema: text},
		}),
		"403": refused("A caller whose key is good, but not for this,", limits(nil)),
		"429": refused("A caller that asked too often, or that comes from an address of which too many keys were not good,", limits(map[string]*huma.Header{
			api.HeaderRetryAfter: {Description: "After how many seconds to try again.", Schema: number},
		})),
	}
}
