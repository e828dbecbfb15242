package sendgrid

import (
	"net/http"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// key is a key in the list, and in the answers to PATCH and PUT.
type key struct {
	Name string `json:"name"`
	ID   string `json:"api_key_id"`
	// Scopes are left out where SendGrid leaves them out.
	Scopes []string `json:"scopes,omitempty"`
}

// issuedKey is the only answer that ever holds a key's secret. Its scopes are those
// that were asked for: the ones that SendGrid adds by itself were not seen there.
type issuedKey struct {
	Secret string   `json:"api_key"`
	ID     string   `json:"api_key_id"`
	Name   string   `json:"name"`
	Scopes []string `json:"scopes"`
}

func createKey(c *call) error {
	in, err := c.object("name", "scopes")
	if err != nil {
		return err
	}
	name, bad := in.text("name")
	if bad != nil {
		return bad
	}
	var scopes []string
	if _, ok := in["scopes"]; ok {
		scopes, err = c.scopes(in)
	} else {
		scopes, err = c.fullAccess()
	}
	if err != nil {
		return err
	}
	issued, err := c.config.Keyring.CreateAPIKey(c.r.Context(), c.who, keyring.NewAPIKey{Name: name, Scopes: scopes, Enabled: true}, "")
	if err != nil {
		return err
	}
	return c.reply(http.StatusCreated, issuedKey{Secret: issued.Secret.Reveal(), ID: issued.ID, Name: issued.Name, Scopes: issued.Scopes})
}

// listKeys answers names and ids only, as SendGrid does: all of them, as there is no next
// page there, or as many as the limit says. The order, oldest first, is our choice.
func listKeys(c *call) error {
	query, err := c.query("limit")
	if err != nil {
		return err
	}
	limit, bad := query.number("limit", 1, noMost, noMost)
	if bad != nil {
		return bad
	}
	keys := []key{}
	for cursor := ""; ; {
		views, next, err := c.config.Keyring.APIKeys(c.r.Context(), c.who, keyring.APIKeyFilter{Cursor: cursor, Limit: min(limit-len(keys), api.MaxPageSize)})
		if err != nil {
			return err
		}
		for _, v := range views {
			keys = append(keys, key{Name: v.Name, ID: v.ID})
		}
		if cursor = next; next == "" || len(keys) >= limit {
			return c.reply(http.StatusOK, map[string][]key{"result": keys})
		}
	}
}

// getKey answers a flat object. The OpenAPI shows a list under "result", which the
// older reference and the clients that work against the service contradict.
func getKey(c *call) error {
	v, err := c.config.Keyring.APIKey(c.r.Context(), c.who, c.r.PathValue("id"))
	if err != nil {
		return err
	}
	return c.reply(http.StatusOK, key{Name: v.Name, ID: v.ID, Scopes: c.withAutomatic(v.Scopes)})
}

// noName is the text of the 2018 reference for PUT; PATCH, which has none, gets the
// same.
const noName = "expected JSON request body with 'name' property"

func renameKey(c *call) error {
	in, err := c.object("name")
	if err != nil {
		return err
	}
	if !in.has("name") {
		return refusal(http.StatusBadRequest, noName)
	}
	name, bad := in.text("name")
	if bad != nil {
		return bad
	}
	v, err := c.config.Keyring.UpdateAPIKey(c.r.Context(), c.who, c.r.PathValue("id"), keyring.APIKeyChange{Name: &name}, nil)
	if err != nil {
		return err
	}
	return c.reply(http.StatusOK, key{Name: v.Name, ID: v.ID})
}

// replaceKey sets the name and the whole list of scopes. Scopes that are left out are
// refused, our choice: SendGrid documents that at least one is sent.
func replaceKey(c *call) error {
	in, err := c.object("name", "scopes")
	if err != nil {
		return err
	}
	if !in.has("name") {
		return refusal(http.StatusBadRequest, noName)
	}
	name, bad := in.text("name")
	if bad != nil {
		return bad
	}
	scopes, err := c.scopes(in)
	if err != nil {
		return err
	}
	v, err := c.config.Keyring.UpdateAPIKey(c.r.Context(), c.who, c.r.PathValue("id"), keyring.APIKeyChange{Name: &name, Scopes: scopes}, nil)
	if err != nil {
		return err
	}
	out := key{Name: v.Name, ID: v.ID}
	if c.config.Quirks.PutEchoesScopes {
		out.Scopes = scope.Normal(v.Scopes)
	}
	return c.reply(http.StatusOK, out)
}

func deleteKey(c *call) error {
	if err := c.config.Keyring.DeleteAPIKey(c.r.Context(), c.who, c.r.PathValue("id"), nil); err != nil {
		return err
	}
	return c.done()
}
