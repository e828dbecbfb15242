package sendgrid

import (
	"net/http"
	"slices"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// groupValidations is, beside the class of billing, what a key with Full Access does
// not hold: the documentation of API keys says so.
const groupValidations = "email_validations"

// listScopes answers what the calling key holds, and for an owner credential all that
// there is. For a subuser, the caller must be one who may see it; that is our choice,
// as SendGrid does not document who may.
func listScopes(c *call) error {
	all, err := c.config.Keyring.Scopes(c.r.Context(), c.who)
	if err != nil {
		return err
	}
	if c.subuser != "" {
		if _, err := c.config.Keyring.Subaccount(c.r.Context(), c.who, c.subuser); err != nil {
			return err
		}
	}
	names := c.who.Effective
	if c.who.Owner() {
		names = make([]string, 0, len(all))
		for _, s := range all {
			names = append(names, s.Name)
		}
	}
	return c.reply(http.StatusOK, map[string][]string{"scopes": c.withAutomatic(names)})
}

// withAutomatic adds the scopes that SendGrid adds to every key by itself.
func (c *call) withAutomatic(names []string) []string {
	added := c.config.Quirks.AutomaticScopes
	if added == nil {
		added = c.who.AutomaticScopes().Added
	}
	return scope.Normal(append(slices.Clone(names), added...))
}

// scopes reads the scopes of a request. Those that SendGrid adds by itself are passed
// over: some clients send them with every key, and sources disagree on whether that
// is allowed. What cannot be a scope's name is not repeated in the answer: it could
// be a secret in the wrong place.
func (c *call) scopes(in object) ([]string, error) {
	names, bad := in.texts("scopes")
	if bad != nil {
		return nil, bad
	}
	automatic := c.who.AutomaticScopes().Names
	wanted := []string{}
	for _, name := range names {
		if scope.CheckName(name) != nil {
			return nil, faultyScopes(c.r.Method, "")
		}
		if !slices.Contains(automatic, name) {
			wanted = append(wanted, name)
		}
	}
	return wanted, nil
}

// fullAccess is what a key gets that names no scopes: all that its creator may give
// away, but for billing, which no key holds with anything else, and Email Address
// Validation.
func (c *call) fullAccess() ([]string, error) {
	all, err := c.config.Keyring.Scopes(c.r.Context(), c.who)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, s := range all {
		held := c.who.Kind != api.CallerAPIKey || slices.Contains(c.who.Effective, s.Name)
		if held && s.Class == scope.General && s.Group != groupValidations {
			names = append(names, s.Name)
		}
	}
	return names, nil
}
