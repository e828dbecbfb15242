package httpapi

import (
	"embed"
	"net/http"

	"github.com/swaggest/swgui/v5emb"
)

// The page has no script of its own in the HTML, so that its policy can forbid
// such scripts, and loads nothing from any other host.
//
//go:embed docs
var docs embed.FS

const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// registerDocs serves the OpenAPI document and a page that shows it.
func (a *API) registerDocs() {
	a.mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		exchangeOf(w).send(http.StatusOK, "application/json", a.document)
	})
	page := func(name, contentType string) http.HandlerFunc {
		content, err := docs.ReadFile("docs/" + name)
		if err != nil {
			panic(err) // embedded: cannot fail in a program that was built
		}
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Security-Policy", docsPolicy)
			exchangeOf(w).send(http.StatusOK, contentType, content)
		}
	}
	a.mux.Handle("GET /docs", page("index.html", "text/html; charset=utf-8"))
	a.mux.Handle("GET /docs/page.js", page("page.js", "text/javascript; charset=utf-8"))
	assets := v5emb.New("", "", "/docs/")
	for _, name := range []string{"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"} {
		a.mux.Handle("GET /docs/"+name, assets)
	}
}
