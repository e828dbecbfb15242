package httpapi

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// place is where keys are: in the account itself or in a sub-account. The calls are
// the same in both, so each has one handler and two routes.
type place struct {
	path       string // of the list of its keys
	subaccount bool
}

var (
	ownPlace        = place{path: pathAPIKeys}
	subaccountPlace = place{path: pathSubaccount + "/apikeys", subaccount: true}
)

const (
	pathAPIKeys = "/v1/apikeys"
	oneAPIKey   = "/{id}"
)

// operation describes a call on keys of this place.
func (p place) operation(id, method, path, summary, text string, errors ...int) huma.Operation {
	if !p.subaccount {
		return operation(id, method, p.path+path, tagAPIKeys, summary, text, errors...)
	}
	verb, noun, _ := strings.Cut(id, "-")
	op := operation(verb+"-subaccount-"+noun, method, p.path+path, tagSubaccountKeys, summary+" of a sub-account", text, append(errors, http.StatusNotFound, http.StatusUnprocessableEntity)...)
	op.Parameters = []*huma.Param{{
		Name: "handle", In: "path", Required: true, Description: "The sub-account's handle.", Schema: &huma.Schema{Type: huma.TypeString},
	}}
	op.Middlewares = huma.Middlewares{enterSubaccount}
	return op
}

// enterSubaccount runs after admit and makes the caller one who works in the
// sub-account of the path. Whether it may be there is for the domain to say.
func enterSubaccount(ctx huma.Context, next func(huma.Context)) {
	next(huma.WithValue(ctx, callerKey{}, callerOf(ctx.Context()).In(ctx.Param("handle"))))
}

// apiKeyPath is the path of one key.
func apiKeyPath(handle, id string) string {
	if handle == "" {
		return pathAPIKeys + "/" + id
	}
	return subaccountPath(handle) + "/apikeys/" + id
}

func (a *API) registerAPIKeys(p place) {
	huma.Register(a.huma, p.operation("list-apikeys", http.MethodGet, "",
		"List API keys",
		"The keys, oldest first, a page at a time. Filters narrow the list together.",
		http.StatusUnprocessableEntity), a.listAPIKeys)
	create := p.operation("create-apikey", http.MethodPost, "",
		"Create an API key",
		"The answer holds the secret, which is never shown again, unless the request chose it. Nobody grants what they do not hold themselves.",
		http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	create.DefaultStatus = http.StatusCreated
	huma.Register(a.huma, create, a.createAPIKey)
	huma.Register(a.huma, p.operation("get-apikey", http.MethodGet, oneAPIKey,
		"Get an API key",
		"One key, without its secret.",
		http.StatusNotFound), a.getAPIKey)
	huma.Register(a.huma, p.operation("update-apikey", http.MethodPatch, oneAPIKey,
		"Change an API key",
		"What is left out stays as it is. Its secret stays good.",
		http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType), a.updateAPIKey)
	huma.Register(a.huma, p.operation("delete-apikey", http.MethodDelete, oneAPIKey,
		"Delete an API key",
		"Revokes the key and all of its secrets for good.",
		http.StatusNotFound, http.StatusPreconditionFailed), a.deleteAPIKey)
	rotate := p.operation("rotate-apikey", http.MethodPost, oneAPIKey+"/rotate",
		"Rotate an API key",
		"A new secret under the same id. The old one stays good for the overlap, and cannot rotate its own key. The body may be left out where the secret is made.",
		http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	huma.Register(a.huma, rotate, a.rotateAPIKey)
	// huma takes a body that is no pointer for a required one.
	a.huma.OpenAPI().Paths[rotate.Path].Post.RequestBody.Required = false
	huma.Register(a.huma, p.operation("unlock-apikey", http.MethodPost, oneAPIKey+"/unlock",
		"Unlock an API key",
		"Lets a key work again that too many wrong passwords have locked. One that is not locked stays as it is.",
		http.StatusNotFound), a.unlockAPIKey)
	huma.Register(a.huma, p.operation("get-apikey-usage", http.MethodGet, oneAPIKey+"/usage",
		"Get the usage of an API key",
		"How often the key was let in, by scope and day, and which of its scopes nobody asked for.",
		http.StatusNotFound), a.getUsage)
}
