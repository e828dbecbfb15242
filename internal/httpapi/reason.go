package httpapi

import (
	"bytes"
	"net/http"
	"slices"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// Reasons, beside those that are the verdict's own code, such as missing_scope.
const (
	reasonMissingKey      = "missing_key"
	reasonConflictingKeys = "conflicting_keys"
	reasonInvalidKey      = "invalid_key"
	reasonForbidden       = "forbidden"
	reasonTooMany         = "too_many_requests"

	reasonGatewayCredential = "gateway_credential"
	reasonGatewayRequest    = "gateway_request"
	reasonUnavailable       = "unavailable"
)

// refusedReasons are the codes of refusals, by their status, with the reason that stands
// for those of a status that a platform's own words do not tell apart.
var refusedReasons = map[int]struct {
	codes []string
	alike string
}{
	http.StatusUnauthorized:    {[]string{api.VerifyInvalid, api.VerifyInactive, api.VerifyExpired, api.VerifyLocked}, reasonInvalidKey},
	http.StatusForbidden:       {[]string{api.VerifyAccountStanding, api.VerifySubaccountSuspended, api.VerifyMissingScope}, reasonForbidden},
	http.StatusTooManyRequests: {[]string{api.VerifyRateLimited, api.VerifyQuotaExceeded, api.VerifyBlocked}, reasonTooMany},
}

// reasonOf is why a caller was refused, and never more than the body that it gets says: a
// gateway may pass the header on, and the metrics are open to all.
func (a *API) reasonOf(who keyring.Caller, v keyring.Verification) string {
	if v.Code == api.VerifyInvalid {
		return reasonInvalidKey
	}
	group := refusedReasons[verdictStatus(v.Code)]
	body := a.keyring.Answer(who, v)
	if slices.ContainsFunc(group.codes, func(code string) bool {
		other := v
		other.Code = code
		return code != v.Code && bytes.Equal(body, a.keyring.Answer(who, other))
	}) {
		return group.alike
	}
	return v.Code
}
