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

// ready is the answer to a probe of readiness. Full storage is no error: verifications
// and revocations go through, and a node that can still revoke must stay in service.
type ready struct {
	Status string `json:"status" enum:"ok,storage_nearly_full,storage_full" doc:"storage_nearly_full: every write still goes through. storage_full: only writes that take power away do, such as revocations."`
}

// readyStatus is the word for how much room the storage has.
func readyStatus(s keyring.Space) string {
	switch s {
	case keyring.SpaceNearlyFull:
		return "storage_nearly_full"
	case keyring.SpaceFull:
		return "storage_full"
	case keyring.SpaceEnough:
	}
	return "ok"
}

// Stop makes /readyz say that the server stops. All else is answered as before.
func (a *API) Stop() { a.stopping.Store(true) }

func (a *API) registerHealth() {
	probe := func(id, path, summary, text string, answer reflect.Type, errors ...int) huma.Operation {
		ok := &huma.Schema{Ref: a.huma.OpenAPI().Components.Schemas.Schema(answer, true, "").Ref}
		return huma.Operation{
			OperationID: id, Method: http.MethodGet, Path: path, Tags: []string{tagOperations}, Summary: summary, Description: text, Errors: errors,
			Responses: map[string]*huma.Response{"200": {
				Description: http.StatusText(http.StatusOK),
				Content:     map[string]*huma.MediaType{"application/json": {Schema: ok}},
			}},
			Security: []map[string][]string{{}},
		}
	}
	a.thin(probe("get-health", "/healthz", "Is the process up", "Answers as long as the process does.", reflect.TypeFor[health]()),
		func(x *exchange, _ *http.Request) error {
			x.reply(http.StatusOK, health{"ok"})
			return nil
		})
	a.thin(probe("get-readiness", "/readyz", "Can requests be served", "Looks a credential up and writes, at most once a second. 503 while the storage does not answer or is damaged, and from when the server is asked to stop. Nearly full storage is 200 with another status.", reflect.TypeFor[ready](), http.StatusServiceUnavailable),
		func(x *exchange, r *http.Request) error {
			if a.stopping.Load() {
				return refuse(api.CodeStopping, "The server is stopping. Send requests to another one.")
			}
			space, err := a.readiness.check(r.Context())
			if err != nil {
				return refuse(api.CodeStorageUnavailable, "The server's storage does not answer.")
			}
			x.reply(http.StatusOK, ready{readyStatus(space)})
			return nil
		})
}
