package httpapi

import (
	"errors"
	"net/http"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// codeOf is the code of an error, api.CodeInternal where it has none.
func codeOf(err error) api.Code {
	if known, ok := errors.AsType[*keyring.Error](err); ok {
		return known.Code
	}
	return api.CodeInternal
}

// refuseGateway answers a gateway that is itself refused, or whose question makes no sense.
// Everyone behind it is refused then, so the log says it in words.
func (a *API) refuseGateway(x *exchange, r *http.Request, err error) {
	switch status := statusOf(codeOf(err)); {
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		x.reason = reasonGatewayCredential
	case status < http.StatusInternalServerError:
		x.reason = reasonGatewayRequest
	default:
		x.reason = reasonUnavailable
	}
	x.Header().Set(api.HeaderReason, x.reason)
	a.warnGateway(x, api.HeaderAuthorize, err)
	x.fail(r, err)
}

// warnGateway logs that a gateway is set up wrongly, and in which header its credential
// belongs. The words of the error stay out of the log: they may repeat what was sent.
func (a *API) warnGateway(x *exchange, header string, err error) {
	var words string
	code := codeOf(err)
	switch code {
	case api.CodeMissingCredential:
		words = "a gateway sends no credential of its own, so everyone behind it is refused; set the header to a credential that may verify"
	case api.CodeInvalidCredential:
		words = "the gateway's own credential is wrong, so everyone behind it is refused; set the header to a credential that may verify"
	case api.CodeForbidden:
		words = "the gateway's own credential lacks the right to verify, so everyone behind it is refused; set the header to a credential that has it"
	case api.CodeInvalidRequest, api.CodeValidationFailed:
		words = "a gateway's question is not valid, so everyone behind it is refused; the answer to it says what to correct"
	default:
		return
	}
	if a.warnings.due("gateway "+string(code), x.address, time.Now()) {
		a.log.Warn(words, "header", header, "code", string(code), "remote", x.address, "caller", x.caller, "request_id", x.id)
	}
}
