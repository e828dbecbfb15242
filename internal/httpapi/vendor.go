package httpapi

import (
	"net/http"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// vendor is a handler of another API over the same keyring. It shares what every
// request has: an id, the common headers, the line in the log, the metrics by
// route, and the answer to a panic. It answers in its own shape and authenticates
// its callers itself.
//
// Such a handler leaves the *http.Request as it is and routes by an
// http.ServeMux, so that Request.Pattern tells the route. From its ResponseWriter
// it learns the request's id, in the header X-Request-Id, and to it it may say who
// is calling, and it asks it where the request came from: see exchange.CalledBy and
// exchange.Origin.
type vendor struct {
	http.Handler
	now func() time.Time
}

func (a *API) registerVendors() {
	for prefix, handler := range a.vendors {
		a.mux.Handle(prefix, vendor{handler, a.keyring.Now})
	}
}

// ServeHTTP answers one request. Whatever failed after the caller left, failed
// because of that.
func (v vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := exchangeOf(w)
	// A client of these paths has no other way to learn the clock that decides here.
	x.Header().Set("Date", v.now().UTC().Format(http.TimeFormat))
	v.Handler.ServeHTTP(x, r)
	x.reason = vendorReasons[x.status]
	x.gone = x.status >= http.StatusInternalServerError && r.Context().Err() != nil
}

// vendorReasons are why a request was refused, by its status, for the metrics.
var vendorReasons = map[int]string{
	http.StatusUnauthorized:    string(api.CodeInvalidCredential),
	http.StatusForbidden:       string(api.CodeForbidden),
	http.StatusTooManyRequests: string(api.CodeRateLimited),
}

// route is the template of the route that the request takes, "" when there is none
// or the handler does not tell.
func (v vendor) route(r *http.Request) string {
	mux, ok := v.Handler.(interface {
		Handler(r *http.Request) (http.Handler, string)
	})
	if !ok {
		return ""
	}
	_, pattern := mux.Handler(r)
	return template(pattern)
}

// CalledBy notes the id of the credential's holder, for the log.
func (x *exchange) CalledBy(id string) { x.caller = id }

// working reports whether a path or a route is one of those that do the service's
// work, whose answers nobody may keep and whose requests are logged.
func (a *API) working(path string) bool {
	if strings.HasPrefix(path, "/v1/") {
		return true
	}
	for prefix := range a.vendors {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}
