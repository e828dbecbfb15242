package mailchannels

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// errorBody is MailChannels' ErrorResponse.
type errorBody struct {
	Errors []string `json:"errors"`
}

// failure is an answer that is an error: a status and texts, which are ours, as
// MailChannels documents none.
type failure struct {
	status int
	texts  []string
}

func (f *failure) Error() string { return fmt.Sprint(f.texts) }

func refuse(status int, format string, args ...any) *failure {
	return &failure{status, []string{fmt.Sprintf(format, args...)}}
}

// answerTo is the one table from the keyring's codes to MailChannels' statuses.
func answerTo(err error) *failure {
	if own, ok := errors.AsType[*failure](err); ok {
		return own
	}
	known, ok := errors.AsType[*keyring.Error](err)
	if !ok {
		return refuse(http.StatusInternalServerError, "The server failed. Its log holds the cause under the id in %s.", api.HeaderRequestID)
	}
	switch known.Code {
	case api.CodeInvalidCredential, api.CodeMissingCredential:
		return refuse(http.StatusUnauthorized, "The API key is not valid. Send one that is active in X-Api-Key.")
	case api.CodeAccountStanding:
		return refuse(http.StatusForbidden, "The account, or the sub-account, may not use the API.")
	case api.CodeForbidden, api.CodeGrantExceedsCaller, api.CodeSecretReplaced:
		return texts(http.StatusForbidden, known)
	case api.CodeNotFound:
		return texts(http.StatusNotFound, known)
	case api.CodeHandleTaken:
		return texts(http.StatusConflict, known)
	case api.CodeLimitReached:
		return texts(http.StatusUnprocessableEntity, known)
	case api.CodeValidationFailed, api.CodeUnsupported, api.CodeInvalidRequest, api.CodeBodyTooLarge:
		return texts(http.StatusBadRequest, known)
	default: // the storage's failures among them: MailChannels declares nothing but 500
		return texts(http.StatusInternalServerError, known)
	}
}

// texts says what the keyring says, with the fields under MailChannels' names.
func texts(status int, known *keyring.Error) *failure {
	f := &failure{status: status}
	for _, field := range known.Fields {
		name := field.Field
		switch name {
		case "name":
			name = "company_name"
		case "send_limit":
			name = "sends"
		}
		f.texts = append(f.texts, name+" "+field.Message)
	}
	if len(f.texts) == 0 {
		f.texts = []string{known.Message}
	}
	return f
}

// notFound reports whether the keyring found nothing.
func notFound(err error) bool {
	known, ok := errors.AsType[*keyring.Error](err)
	return ok && known.Code == api.CodeNotFound
}

// deleted is the answer to a deletion, which what is not there may be, too: see Quirks.
func (h *Handler) deleted(err error) (int, any, error) {
	if notFound(err) && !h.quirks.NotFoundOnDelete {
		err = nil
	}
	return http.StatusNoContent, nil, err
}
