package sendgrid

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
)

// The routes, by which calls are paced and named in errors.
const (
	routeKeys       = "/v3/api_keys"
	routeKey        = "/v3/api_keys/{id}"
	routeScopes     = "/v3/scopes"
	routeUsername   = "/v3/user/username"
	routeSubusers   = "/v3/subusers"
	routeSubuser    = "/v3/subusers/{name}"
	routeSubuserIPs = "/v3/subusers/{name}/ips"
)

// SendGrid's texts, as far as a caller must know what they mean. Compared in lower
// case, by their beginning.
const (
	textGrant      = "the provided authorization grant is invalid" // 401, seen
	textTooMany    = "cannot create more than"                     // 403, 2018 reference
	textBadScopes  = "unauthorized scopes"                         // PUT, seen in 2025
	textBadScopes2 = "invalid or unassignable scopes"              // teammates' reference
	textUsername   = "username exists"                             // reference
	textIPs        = "unable to validate ips"                      // reference
	textSubuser    = "user does not have permission to create sub" // 403, seen
	textBlocked    = "too many bad requests"                       // 403, reference of errors
	textNoUser     = "invalid username"                            // PATCH of a subuser, reference
)

// fields are our names of SendGrid's.
var fields = map[string]string{"name": "name", "scopes": "scopes", "username": "handle", "email": "email", "ips": "ip_addresses"}

// fieldOf is the field that a text without one is about; empty for none.
var fieldOf = map[string]string{textBadScopes: "scopes", textBadScopes2: "scopes", textUsername: "handle", textIPs: "ip_addresses"}

// explained turns an error of a call into the backend's terms: SendGrid's own text in
// whole sentences, and what to do.
func explained(err error) error {
	var failed *vendor.Error
	if err == nil || !errors.As(err, &failed) {
		return err
	}
	out := &backend.Error{Message: failed.Error(), Err: err, Fields: map[string]string{}}
	for _, s := range failed.Sayings {
		field := fields[s.Field]
		for text, about := range fieldOf {
			if field == "" && begins(s, text) {
				field = about
			}
		}
		if field != "" {
			text := fmt.Sprintf("refused by SendGrid: %q", s.Text)
			if more := out.Fields[field]; more != "" {
				text = more + "; " + text
			}
			out.Fields[field] = text
		}
	}
	if what := advice(failed); what != "" {
		out.Message += " " + what
	}
	if says(err, textTooMany) {
		// The caller may do this, and there is no room: no matter of rights.
		out.Err = errFull
	}
	return out
}

// errFull is for a place that has as many keys as it may have.
var errFull = errors.New("as many API keys as there may be")

// advice says what to do about an error; empty where that is plain.
func advice(failed *vendor.Error) string {
	if refusal := failed.Status == http.StatusUnauthorized || failed.Status == http.StatusForbidden; refusal && len(failed.Sayings) == 0 {
		return "That is not SendGrid's way to refuse a request. Check the endpoint, or a proxy on the way."
	}
	switch failed.Status {
	case http.StatusUnauthorized:
		return "The API key that Terraform uses is not valid or was revoked. Make a new one in SendGrid's user interface, under Settings, API Keys, and configure it."
	case http.StatusForbidden:
		switch {
		case says(failed, textTooMany):
			return "An account, and each subuser, has at most 100 API keys. Delete one that is not needed any more."
		case says(failed, textSubuser):
			return "Subusers belong to SendGrid's plans Pro and Premier. Ask SendGrid's support if the account has one."
		case says(failed, textBlocked):
			return "SendGrid blocks the caller for a while. Try again later."
		}
		return "The API key that Terraform uses may not do this. It needs the scope " + needs(failed) +
			", and SendGrid lets no key give away a scope that it does not hold itself."
	}
	if says(failed, textBadScopes) || says(failed, textBadScopes2) {
		return "A scope can be given only if it exists, belongs to the account's plan and is held by the API key that Terraform uses."
	}
	return ""
}

// needs is the scope that a call takes: those of a route are named by what the method
// does (API Key Permissions page).
func needs(failed *vendor.Error) string {
	action := map[string]string{
		http.MethodGet: "read", http.MethodPost: "create", http.MethodPut: "update", http.MethodPatch: "update", http.MethodDelete: "delete",
	}[failed.Method]
	if failed.Route == routeUsername {
		return usernameScope
	}
	if strings.HasPrefix(failed.Route, routeSubusers) {
		return "subusers." + action
	}
	return "api_keys." + action
}

// says reports whether the service said a text that begins so.
func says(err error, text string) bool {
	var failed *vendor.Error
	return errors.As(err, &failed) && failed.Says(func(s vendor.Saying) bool { return begins(s, text) })
}

func begins(s vendor.Saying, text string) bool {
	return strings.HasPrefix(strings.ToLower(s.Text), text)
}
