package httpapi

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// health is the answer to a probe.
type health struct {
	Status string `json:"status" enum:"ok" doc:"Always ok; anything else is an error."`
}

// Stop makes /readyz say that the server stops. All else is answered as before.
func (a *API) Stop() { a.stopping.Store(true) }

func (a *API) registerHealth() {
	ok := &huma.Schema{Ref: a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[health](), true, "").Ref}
	probe := func(id, path, summary, text string, errors ...int) huma.Operation {
		return huma.Operation{
			OperationID: id, Method: http.MethodGet, Path: path, Tags: []string{tagOperations}, Summary: summary, Description: text, Errors: errors,
			Responses: map[string]*huma.Response{"200": {
				Description: http.StatusText(http.StatusOK),
				Content:     map[string]*huma.MediaType{"application/json": {Schema: ok}},
			}},
			Security: []map[string][]string{{}},
		}
	}
	a.thin(probe("get-health", "/healthz", "Is the process up", "Answers as long as the process does."),
		func(x *exchange, _ *http.Request) error {
			x.reply(http.StatusOK, health{"ok"})
			return nil
		})
	a.thin(probe("get-readiness", "/readyz", "Can requests be served", "503 while the storage does not answer, and from when the server is asked to stop.", http.StatusServiceUnavailable),
		func(x *exchange, r *http.Request) error {
			if a.stopping.Load() {
				return refuse(api.CodeStopping, "The server is stopping. Send requests to another one.")
			}
			if err := a.keyring.Ping(r.Context()); err != nil {
				x.log.Warn("not ready", "request_id", x.id, "cause", keyring.Cause(err))
				return refuse(api.CodeStorageUnavailable, "The server's storage does not answer.")
			}
			x.reply(http.StatusOK, health{"ok"})
			return nil
		})
}
