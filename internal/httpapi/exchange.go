package httpapi

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// statusClientGone is logged and counted when the caller left before its answer
// was ready. It is never sent.
const statusClientGone = 499

// exchange is one request and its answer, as the log and the metrics see them.
type exchange struct {
	http.ResponseWriter
	log     *slog.Logger
	id      string // of the request
	path    string // of the request, as it was escaped
	address string // where the request came from, without a port: see API.remote
	caller  string // the id of the credential's holder, once it is known
	reason  string // why the request was refused, as its sender may know it; for the metrics
	status  int    // 0 until the answer has begun
	gone    bool   // the caller left before its answer was ready
}

// exchangeOf returns the exchange that API.ServeHTTP made for this request.
func exchangeOf(w http.ResponseWriter) *exchange {
	x, ok := w.(*exchange)
	if !ok {
		panic(fmt.Sprintf("a handler got a %T: it was not reached through API.ServeHTTP", w))
	}
	return x
}

// WriteHeader notes the status and sends it.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 && status >= http.StatusOK {
		x.status = status
		x.relateLocation()
	}
	x.ResponseWriter.WriteHeader(status)
}

// Write begins the answer with 200 when nothing else has begun it.
func (x *exchange) Write(body []byte) (int, error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	return x.ResponseWriter.Write(body) //nolint:gosec // what is written is JSON or our own page, and said to be so
}

// Unwrap lets http.ResponseController reach the connection.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// Origin is where the request came from, for the audit trail.
func (x *exchange) Origin() keyring.Origin {
	return keyring.Origin{RequestID: x.id, Address: x.address}
}

// reply sends an answer as JSON.
func (x *exchange) reply(status int, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		panic(fmt.Errorf("encoding an answer: %w", err))
	}
	x.send(status, "application/json", body)
}

func (x *exchange) send(status int, contentType string, body []byte) {
	x.Header().Set("Content-Type", contentType)
	x.WriteHeader(status)
	_, _ = x.Write(body) // an answer that cannot be delivered concerns only the caller, who sees it
}

// crashed answers a request whose handler panicked, and logs where it did.
func (x *exchange) crashed(r *http.Request, v any) {
	err := fmt.Errorf("panic: %v\n%s", v, debug.Stack())
	if x.status == 0 {
		x.fail(r, err)
		return
	}
	x.log.Error("request failed after its answer had begun", "request_id", x.id, "route", template(r.Pattern), "cause", err)
}

// finish logs and counts a request that is over.
func (a *API) finish(x *exchange, r *http.Request, took time.Duration) {
	status := x.status
	if x.gone {
		status = statusClientGone
	}
	if status == 0 {
		status = http.StatusOK // net/http sends it for a handler that wrote nothing
	}
	route, method := template(r.Pattern), knownMethod(r.Method)
	a.metrics.observe(method, route, status, took)
	if x.reason != "" {
		a.metrics.refusals.WithLabelValues(route, x.reason).Inc()
	}
	level := slog.LevelInfo
	if a.quiet(route) {
		level = slog.LevelDebug
	}
	if !a.log.Enabled(context.Background(), level) {
		return
	}
	a.log.LogAttrs(context.Background(), level, "request",
		slog.String("method", method), slog.String("route", route), slog.Int("status", status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		slog.String("request_id", x.id), slog.String("caller", x.caller), slog.String("remote", x.address))
}

// quiet reports whether requests of the route are logged for debugging only:
// probes, pages, and the hot path, whose log would be longer than all others.
func (a *API) quiet(route string) bool {
	return !a.working(route) || route == routeVerify || route == routeAuthorize
}

// knownMethod bounds what callers can write to the log and the metrics.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return "other"
}

// requestID takes the caller's own id when it is harmless, and makes one when it
// is not.
func requestID(sent string) string {
	if len(sent) < 1 || len(sent) > 64 {
		return rand.Text()
	}
	for _, c := range []byte(sent) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return rand.Text()
		}
	}
	return sent
}
