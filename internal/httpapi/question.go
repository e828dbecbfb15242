package httpapi

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// question is what a gateway asks about its caller.
type question struct {
	scopes     []string
	listScopes bool
	letIn      int // the status for a caller that is let in
}

// How the path begins of a gateway that appends its caller's path and query to its own.
const (
	pathScopes1  = routeAuthorize + "/scope="
	pathAnyScope = routeAuthorize + "/any/"
)

// authorizeQuery are the parameters of a gateway that asks by the query.
var authorizeQuery = huma.Operation{Parameters: authorizeParameters()}

// readQuestion reads what a gateway asks. A path that goes on is that of a gateway which
// appends its caller's, query included: only the first segment is then the gateway's.
func readQuestion(r *http.Request) (question, error) {
	if path := r.URL.EscapedPath(); path != routeAuthorize {
		return readPathQuestion(path)
	}
	sent, err := query(r, &authorizeQuery)
	if err != nil {
		return question{}, err
	}
	ask := question{letIn: http.StatusNoContent}
	for _, v := range sent["scope"] {
		ask.scopes = append(ask.scopes, strings.Split(v, ",")...)
	}
	switch sent.Get("scopes_header") {
	case "", "false":
	case "true":
		ask.listScopes = true
	default:
		return question{}, keyring.RefuseFields(api.CodeInvalidRequest, api.FieldError{Field: "scopes_header", Message: "must be true or false"})
	}
	return ask, nil
}

// readPathQuestion reads the gateway's own segment. It has to end with a slash: otherwise a
// caller's path could make another scope of the last one.
func readPathQuestion(path string) (question, error) {
	ask := question{letIn: http.StatusOK} // Envoy lets nobody in by 204
	if strings.HasPrefix(path, pathAnyScope) {
		return ask, nil
	}
	list, isScopes := strings.CutPrefix(path, pathScopes1)
	list, _, ended := strings.Cut(list, "/")
	names, err := url.PathUnescape(list)
	if !isScopes || !ended || names == "" || err != nil {
		return question{}, refuse(api.CodeInvalidRequest, "Where a gateway appends its caller's path, its own has to be %sNAME,NAME/ or %s, with the slash at the end.", pathScopes1, pathAnyScope)
	}
	ask.scopes = strings.Split(names, ",")
	return ask, nil
}
