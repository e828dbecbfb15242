package mailchannels

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// reply sends an answer as JSON, or without a body when there is none.
func reply(w http.ResponseWriter, status int, body any) {
	if body == nil {
		w.WriteHeader(status)
		return
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Errorf("encoding an answer: %w", err))
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // an answer that cannot be delivered concerns only the caller, who sees it
}

// fail answers with an error. What the caller may not know is logged here, and only
// here.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, err error) {
	answer := answerTo(err)
	if answer.status >= http.StatusInternalServerError && answer.status != http.StatusNotImplemented && r.Context().Err() == nil {
		_, route, _ := strings.Cut(r.Pattern, " ")
		h.log.Error("request failed", "request_id", w.Header().Get(api.HeaderRequestID), "route", route, "cause", keyring.Cause(err))
	}
	reply(w, answer.status, errorBody{answer.texts})
}
