package servertest

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/httpapi"
	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi/fault"
)

// Request is one request that reached the server, answered or not.
type Request struct {
	Method string
	Route  string // the template, such as /v1/apikeys/{id}; empty when there is none
	Path   string // with its query
	Status int    // what was sent; 0 when the answer was lost on purpose
	Header http.Header
}

// front stands before the API: it counts requests and makes some of them fail.
type front struct {
	mu       sync.Mutex
	api      *httpapi.API
	requests []Request
	faults   []*lost
	injected fault.Injector
}

// lost is something that goes wrong with the next requests of a kind.
type lost struct {
	method, prefix string
	left           int
	status         int // 0 to lose the answer
	retryAfter     time.Duration
}

func (f *front) serve(api *httpapi.API) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.api = api
}

// ServeHTTP lets a request through, or makes it fail.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	api, hit := f.take(r)
	seen := Request{Method: r.Method, Route: api.Route(r), Path: r.URL.RequestURI(), Header: r.Header.Clone()}
	switch {
	case hit == nil:
		counted := &status{ResponseWriter: w}
		defer func() { // a panic, too, is an answer
			seen.Status = counted.code
			f.note(seen)
		}()
		f.injected.Wrap(api).ServeHTTP(counted, r)
	case hit.status != 0:
		if hit.retryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(hit.retryAfter.Seconds())))
		}
		seen.Status = hit.status
		f.note(seen)
		http.Error(w, "a fault that the test asked for", hit.status)
	default:
		api.ServeHTTP(httptest.NewRecorder(), r)
		f.note(seen)
		panic(http.ErrAbortHandler) // net/http drops the connection
	}
}

// take finds the fault that this request runs into, if any.
func (f *front) take(r *http.Request) (*httpapi.API, *lost) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, one := range f.faults {
		if one.left > 0 && (one.method == "" || one.method == r.Method) && strings.HasPrefix(r.URL.Path, one.prefix) {
			one.left--
			return f.api, one
		}
	}
	return f.api, nil
}

func (f *front) note(r Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r)
}

func (f *front) add(one lost) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, &one)
}

// status notes what is sent.
type status struct {
	http.ResponseWriter
	code int
}

// WriteHeader notes the status.
func (s *status) WriteHeader(code int) {
	if s.code == 0 && code >= http.StatusOK {
		s.code = code
	}
	s.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController reach the connection.
func (s *status) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// Fail answers the next n requests of the method (any, when empty) whose path
// starts with prefix with the status, before they reach the server. A
// retryAfter of at least a second is sent along.
func (s *Server) Fail(n int, method, prefix string, status int, retryAfter time.Duration) {
	s.front.add(lost{method: method, prefix: prefix, left: n, status: status, retryAfter: retryAfter})
}

// LoseAnswers lets the next n requests of the method (any, when empty) whose path
// starts with prefix be carried out to the end, and then drops the connection
// instead of answering.
func (s *Server) LoseAnswers(n int, method, prefix string) {
	s.front.add(lost{method: method, prefix: prefix, left: n})
}

// Fault is a way to fail that Fail and LoseAnswers do not have: see Inject.
type Fault = fault.Fault

// The kinds of a Fault.
const (
	RateLimited = fault.RateLimited
	ServerError = fault.ServerError
	HTML        = fault.HTML
	Empty       = fault.Empty
	Truncated   = fault.Truncated
	Redirect    = fault.Redirect
	Slow        = fault.Slow
	Lost        = fault.Lost
)

// Inject makes the next requests run into a fault. It counts them among Requests,
// with the status 0 where no answer was sent.
func (s *Server) Inject(f Fault) { s.front.injected.Add(f) }

// ClearFaults takes back what Fail, LoseAnswers and Inject have left.
func (s *Server) ClearFaults() {
	s.front.injected.Clear()
	s.front.mu.Lock()
	defer s.front.mu.Unlock()
	s.front.faults = nil
}

// Requests are the requests since the start or the last Reset, in the order in
// which they were answered, those included that Fail answered.
func (s *Server) Requests() []Request {
	s.front.mu.Lock()
	defer s.front.mu.Unlock()
	return append([]Request(nil), s.front.requests...)
}

// Counts is how many Requests there are of each "METHOD /route/template".
func (s *Server) Counts() map[string]int {
	counts := map[string]int{}
	for _, r := range s.Requests() {
		counts[r.Method+" "+r.Route]++
	}
	return counts
}

// Reset forgets the Requests so far.
func (s *Server) Reset() {
	s.front.mu.Lock()
	defer s.front.mu.Unlock()
	s.front.requests = nil
}
