package httpapi

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// Tags that group the calls on the page.
const (
	tagAccount        = "Account"
	tagAPIKeys        = "API keys"
	tagSubaccounts    = "Sub-accounts"
	tagSubaccountKeys = "API keys of sub-accounts"
	tagScopes         = "Scopes"
	tagVerify         = "Verification"
	tagAudit          = "Audit trail"
	tagOperations     = "Operations"
)

// Names of the security schemes.
const (
	schemeAPIKey  = "apiKey"
	schemeBearer  = "bearer"
	schemeGateway = "gateway"
)

const description = `Manages the API keys of one account: creates, limits, rotates, revokes and verifies them.

Every call under /v1 needs a credential, in X-API-Key or as Authorization: Bearer: the account's owner credential, or an
API key whose scopes give the right to it. A key of a sub-account reaches nothing beyond that one. Errors are problem+json (RFC 9457) with a stable code, a request id and the
fields at fault. A secret is shown once, in the answer that minted it.`

func humaConfig(version string) huma.Config {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	registry.RegisterTypeAlias(reflect.TypeFor[api.NullableTime](), reflect.TypeFor[*time.Time]())
	registry.RegisterTypeAlias(reflect.TypeFor[api.NullableInt](), reflect.TypeFor[*int]())
	registry.RegisterTypeAlias(reflect.TypeFor[json.RawMessage](), reflect.TypeFor[map[string]any]())
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info:    &huma.Info{Title: "Postern management API", Version: version, Description: description},
			// Relative to the document itself, so that the page's calls go where the page came from.
			Servers: []*huma.Server{{URL: "."}},
			Components: &huma.Components{
				Schemas: registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					schemeAPIKey:  {Type: "apiKey", In: "header", Name: api.HeaderAPIKey, Description: "The caller's credential."},
					schemeBearer:  {Type: "http", Scheme: "bearer", Description: "The caller's credential."},
					schemeGateway: {Type: "apiKey", In: "header", Name: api.HeaderAuthorize, Description: "The gateway's own credential."},
				},
			},
			Security: []map[string][]string{{schemeAPIKey: {}}, {schemeBearer: {}}},
			Tags: []*huma.Tag{
				{Name: tagAccount}, {Name: tagAPIKeys}, {Name: tagSubaccounts}, {Name: tagSubaccountKeys}, {Name: tagScopes}, {Name: tagVerify}, {Name: tagAudit}, {Name: tagOperations},
			},
		},
		// huma finds the format of an answer by its media type's suffix, too.
		Formats:       map[string]huma.Format{"application/json": jsonFormat(registry), "json": jsonFormat(registry)},
		DefaultFormat: "application/json",
	}
}

// operation describes a call. What any call may fail with is added to errors; a
// denial is audited, so even a read may find the storage full.
func operation(id, method, path, tag, summary, text string, errors ...int) huma.Operation {
	errors = append(errors, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden,
		http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusInsufficientStorage)
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Tags: []string{tag}, Summary: summary, Description: text, Errors: errors,
		// Bodies are read by admit and checked by decode, parameters are
		// checked by admit and the domain.
		SkipValidateBody: true, SkipValidateParams: true, MaxBodyBytes: -1,
		// huma would set a deadline that ends the request's context, too.
		BodyReadTimeout: -1,
	}
}

// thin registers a handler that huma only describes: huma costs a quarter of a
// bare handler's throughput, which the hot path has no room for.
func (a *API) thin(op huma.Operation, handle func(x *exchange, r *http.Request) error) {
	a.describe(op)
	a.mux.HandleFunc(op.Method+" "+op.Path, func(w http.ResponseWriter, r *http.Request) {
		x := exchangeOf(w)
		if err := handle(x, r); err != nil {
			x.fail(r, err)
		}
	})
}

// describe adds a call to the document and no handler.
func (a *API) describe(op huma.Operation) {
	registry := a.huma.OpenAPI().Components.Schemas
	problemSchema := registry.Schema(reflect.TypeFor[problem](), true, "")
	for _, status := range op.Errors {
		answer := op.Responses[strconv.Itoa(status)]
		if answer == nil {
			answer = &huma.Response{Description: http.StatusText(status), Content: map[string]*huma.MediaType{}}
			op.Responses[strconv.Itoa(status)] = answer
		}
		answer.Content[problemType] = &huma.MediaType{Schema: problemSchema}
	}
	a.huma.OpenAPI().AddOperation(&op)
}

// document encodes the OpenAPI document, once: it never changes.
func document(doc *huma.OpenAPI) ([]byte, error) {
	for _, path := range doc.Paths {
		for _, op := range []*huma.Operation{path.Get, path.Post, path.Patch, path.Delete} {
			if op == nil {
				continue
			}
			for _, answer := range op.Responses {
				describeHeaders(answer, sometimes[op.OperationID])
			}
		}
	}
	return json.Marshal(doc)
}

// sometimes are the headers that not every answer of an operation has.
var sometimes = map[string][]string{
	"get-scope": {"ETag"},
	"authorize": gatewayHeaders,
}

// orNull says of the members of T that are pointers to structs that they may be null,
// which huma has no words for.
func orNull[T any](r huma.Registry) {
	schema := r.SchemaFromRef(schemaOf[T](r).Ref)
	for field := range reflect.TypeFor[T]().Fields() {
		name := field.Tag.Get("json")
		if s := schema.Properties[name]; s != nil && s.Ref != "" && field.Type.Kind() == reflect.Pointer {
			schema.Properties[name] = &huma.Schema{Description: s.Description, AnyOf: []*huma.Schema{{Ref: s.Ref}, {Type: "null"}}}
		}
	}
}

// describeHeaders adds the header that every answer has, and puts descriptions
// where pages look for them: huma leaves them on the schema. All but those that are
// optional are on every such answer.
func describeHeaders(answer *huma.Response, optional []string) {
	if answer.Headers == nil {
		answer.Headers = map[string]*huma.Header{}
	}
	answer.Headers[api.HeaderRequestID] = &huma.Header{
		Description: "Names this request in the server's log: the one that was sent, when it was 1 to 64 letters, digits, \"_\" and \"-\".",
		Schema:      &huma.Schema{Type: huma.TypeString},
	}
	for name, header := range answer.Headers {
		header.Required = !slices.Contains(optional, name)
		if header.Description == "" {
			header.Description = header.Schema.Description
		}
	}
}
