package mailchannels

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// defaultKeys is how many keys a list returns unless told otherwise.
const defaultKeys = 100

// stars stand for what a list does not show of a key. MailChannels documents that keys
// are partly redacted there, and not how.
const stars = "********"

// apikey has the secret, or with stars what is known of it.
type apikey struct {
	ID  json.Number `json:"id"`
	Key string      `json:"key"`
}

func (h *Handler) listKeys(r *http.Request, who keyring.Caller) (int, any, error) {
	in, err := windowOf(r, defaultKeys)
	if err != nil {
		return 0, nil, err
	}
	found, err := pages(in, func(cursor string, limit int) ([]keyring.APIKeyView, string, error) {
		return h.keyring.APIKeys(r.Context(), who.In(r.PathValue("handle")), keyring.APIKeyFilter{Cursor: cursor, Limit: limit})
	})
	out := make([]apikey, 0, len(found))
	for _, v := range found {
		out = append(out, apikey{json.Number(v.ID), strings.TrimSuffix(v.SecretHint, "...") + stars})
	}
	return http.StatusOK, out, err
}

// createKey takes no name, scope or expiry: MailChannels' keys have none.
func (h *Handler) createKey(r *http.Request, who keyring.Caller) (int, any, error) {
	made, err := h.keyring.CreateAPIKey(r.Context(), who.In(r.PathValue("handle")), keyring.NewAPIKey{Enabled: true}, "")
	if err != nil {
		return 0, nil, err
	}
	return http.StatusCreated, apikey{json.Number(made.ID), made.Secret.Reveal()}, nil
}

func (h *Handler) deleteKey(r *http.Request, who keyring.Caller) (int, any, error) {
	id := r.PathValue("id")
	if n, err := strconv.ParseInt(id, 10, 64); err != nil || n < 0 || strconv.FormatInt(n, 10) != id {
		return 0, nil, refuse(http.StatusBadRequest, "The id of an API key is a whole number.")
	}
	return h.deleted(h.keyring.DeleteAPIKey(r.Context(), who.In(r.PathValue("handle")), id, nil))
}
