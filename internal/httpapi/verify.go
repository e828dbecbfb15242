package httpapi

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/strictjson"
)

const routeVerify = "/v1/verify"

// verdictStatus is the HTTP status with which a caller is answered whose secret
// was verified.
func verdictStatus(code string) int {
	switch code {
	case api.VerifyValid:
		return http.StatusOK
	case api.VerifyAccountStanding, api.VerifySubaccountSuspended, api.VerifyMissingScope:
		return http.StatusForbidden
	case api.VerifyRateLimited, api.VerifyQuotaExceeded, api.VerifyBlocked:
		return http.StatusTooManyRequests
	}
	return http.StatusUnauthorized
}

func (a *API) registerVerify() {
	registry := a.huma.OpenAPI().Components.Schemas
	request := schemaOf[api.VerifyRequest](registry)
	op := operation("verify", http.MethodPost, routeVerify, tagVerify,
		"Verify a secret",
		"Whether a secret of the account is good for all of the scopes now. The answer is 200 whatever the verdict is.",
		http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity)
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: request}}}
	op.Responses = map[string]*huma.Response{"200": {
		Description: http.StatusText(http.StatusOK),
		Content:     map[string]*huma.MediaType{"application/json": {Schema: schemaOf[api.Verification](registry)}},
	}}
	a.thin(op, func(x *exchange, r *http.Request) error {
		in, err := verifyRequest(x, r, &op, registry, request)
		if err != nil {
			return a.callerFirst(x, r, credential, err)
		}
		who, v, err := a.verify(x, r, credential, keyring.Presented{
			Secret: in.Secret, Username: in.Username, Address: in.ClientAddress,
		}, in.Scopes)
		if err != nil {
			a.warnGateway(x, api.HeaderAPIKey, err)
			return err
		}
		if !v.Valid() {
			x.reason = a.reasonOf(who, v)
		}
		x.reply(http.StatusOK, toVerification(v))
		return nil
	})
}

func verifyRequest(x *exchange, r *http.Request, op *huma.Operation, registry huma.Registry, schema *huma.Schema) (api.VerifyRequest, error) {
	if err := checkRequest(r, op); err != nil {
		return api.VerifyRequest{}, err
	}
	text, err := readBody(x, r)
	if err != nil {
		return api.VerifyRequest{}, err
	}
	return strictjson.Decode[api.VerifyRequest](registry, schema, text)
}
