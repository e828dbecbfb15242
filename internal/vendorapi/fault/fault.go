// Package fault makes an API fail in the ways that real ones do, so that tests can
// show what a client makes of it. It is for tests: internal/servertest puts it in
// front of a server, and the program does not have it.
package fault

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Kind is a way to fail.
type Kind int

// The kinds. All but Lost keep the request from the server.
const (
	RateLimited Kind = iota + 1 // 429, with X-RateLimit-Reset where Reset is set
	ServerError                 // 500, in JSON
	HTML                        // a page, as a proxy or a portal sends
	Empty                       // no body where one is expected
	Truncated                   // JSON that ends in the middle
	Redirect                    // 302 to Location
	Slow                        // no answer until Release is closed or the caller leaves
	Lost                        // the work is done to its end, then the connection drops
)

// Fault is something that goes wrong with the next requests of a kind.
type Fault struct {
	Kind   Kind
	Times  int    // how many requests run into it; 1 when 0
	Method string // any, when empty
	Prefix string // of the path; any, when empty

	Status   int             // instead of the status that the kind has; for all but Slow and Lost
	Body     string          // instead of the body that the kind has; for RateLimited, ServerError, HTML and Truncated
	Reset    time.Time       // for RateLimited
	Location string          // for Redirect
	Release  <-chan struct{} // for Slow: the request goes on when it is closed; nil for never
}

// Injector holds the faults to come. Its zero value has none. It is safe for
// concurrent use.
type Injector struct {
	mu     sync.Mutex
	faults []*Fault
}

// Add adds a fault. A request runs into the first that fits it and is not used up.
func (i *Injector) Add(f Fault) {
	if f.Times == 0 {
		f.Times = 1
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.faults = append(i.faults, &f)
}

// Clear takes back what is left of all faults.
func (i *Injector) Clear() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.faults = nil
}

// Left is how many requests are still to run into a fault.
func (i *Injector) Left() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	n := 0
	for _, f := range i.faults {
		n += f.Times
	}
	return n
}

func (i *Injector) take(r *http.Request) (Fault, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()
	for _, f := range i.faults {
		if f.Times > 0 && (f.Method == "" || f.Method == r.Method) && strings.HasPrefix(r.URL.Path, f.Prefix) {
			f.Times--
			return *f, true
		}
	}
	return Fault{}, false
}

// Wrap puts the faults in front of a handler.
func (i *Injector) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f, hit := i.take(r); hit {
			f.answer(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// maxBody is more than any handler behind a fault reads.
const maxBody = 1 << 20

// answer fails.
func (f Fault) answer(w http.ResponseWriter, r *http.Request, next http.Handler) {
	const asJSON = "application/json"
	switch f.Kind {
	case RateLimited:
		if !f.Reset.IsZero() {
			w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(f.Reset.Unix(), 10))
		}
		f.send(w, http.StatusTooManyRequests, asJSON, `{"errors":[{"field":null,"message":"too many requests"}]}`)
	case ServerError:
		f.send(w, http.StatusInternalServerError, asJSON, `{"errors":[{"field":null,"message":"internal server error"}]}`)
	case HTML:
		f.send(w, http.StatusBadGateway, "text/html; charset=utf-8", "<!doctype html><title>502</title><h1>Bad gateway</h1>")
	case Empty:
		f.Body = ""
		f.send(w, http.StatusOK, asJSON, "")
	case Truncated:
		f.send(w, http.StatusOK, asJSON, `{"result":[{"name":"half of`)
	case Redirect:
		w.Header().Set("Location", f.Location)
		f.send(w, http.StatusFound, asJSON, "")
	case Slow:
		// net/http notices that the caller left only once the body is read.
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		select {
		case <-f.Release:
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
			panic(http.ErrAbortHandler) // nobody is there to answer
		}
	case Lost:
		next.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler) // net/http drops the connection
	default:
		panic("a fault without a kind")
	}
}

func (f Fault) send(w http.ResponseWriter, status int, contentType, body string) {
	if f.Status != 0 {
		status = f.Status
	}
	if f.Body != "" {
		body = f.Body
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body)) // one that cannot be delivered is a fault as good as any
}
