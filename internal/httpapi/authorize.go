package httpapi

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

const routeAuthorize = "/v1/authorize"

// Headers by which a gateway learns whom it lets in.
const (
	headerAPIKeyID  = "X-Postern-Apikey-Id"
	headerAccountID = "X-Postern-Account-Id"
	headerScopes    = "X-Postern-Scopes"
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
		if !v.Valid() {
			x.send(verdictStatus(v.Code), "application/json", a.keyring.Answer(who, v))
			return nil
		}
		h := x.Header()
		h.Set(headerAPIKeyID, v.APIKey.ID)
		h.Set(headerAccountID, v.APIKey.Account)
		h.Set(headerScopes, strings.Join(v.Effective, ","))
		x.WriteHeader(http.StatusNoContent)
		return nil
	})
}

// presented is the key of the caller whom a gateway asks about. None, or several
// different ones, is a key that is not valid: the gateway did nothing wrong, so
// its caller is told in the platform's own words.
func presented(h http.Header) secret.Secret {
	keys := sentKeys(h)
	if len(keys) != 1 {
		return secret.Secret{}
	}
	return secret.From(keys[0])
}

func authorizeOperation() huma.Operation {
	text := &huma.Schema{Type: huma.TypeString}
	repeated := true
	op := operation("authorize", http.MethodGet, routeAuthorize, tagVerify,
		"Authorize a gateway's caller",
		"For the external authorization of nginx, Envoy, Traefik and Caddy. The gateway's own credential is in "+api.HeaderAuthorize+
			"; its caller's key is where its caller sent it, in X-API-Key or as Authorization: Bearer. A caller that is let in is 204. "+
			"One that is refused is 401 or 403, with a body in the platform's own words.",
		http.StatusUnprocessableEntity)
	op.Security = []map[string][]string{{schemeGateway: {}}}
	op.Parameters = []*huma.Param{
		{Name: "scope", In: "query", Explode: &repeated, Description: "What the caller needs: several times, or separated by commas.", Schema: &huma.Schema{Type: huma.TypeArray, Items: text}},
		{Name: api.HeaderAPIKey, In: "header", Description: "The key of the gateway's caller.", Schema: text},
	}
	refused := func(who string) *huma.Response {
		return &huma.Response{
			Description: who + " is refused: the platform's own body. The gateway itself is refused: a problem.",
			Content:     map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{}}},
		}
	}
	op.Responses = map[string]*huma.Response{
		"204": {
			Description: "The caller is let in.",
			Headers: map[string]*huma.Header{
				headerAPIKeyID:  {Description: "The key's id.", Schema: text},
				headerAccountID: {Description: "The account's id.", Schema: text},
				headerScopes:    {Description: "All that the key grants, separated by commas.", Schema: text},
			},
		},
		"401": refused("A caller whose key is not good"),
		"403": refused("A caller whose key is good, but not for this,"),
	}
	return op
}
