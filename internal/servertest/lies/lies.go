// Package lies is a proxy that stands before a real server and rewrites some of its answers,
// as a broken or hostile service does. It is for tests, which point a client at its URL: the
// requests reach the server, and what comes back is what the test wants to be told.
//
//	proxy := lies.Before(t, server.URL)
//	proxy.Tell(lies.Lie{Method: "GET", Prefix: "/v1/apikeys", Rewrite: lies.Bomb})
package lies

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Answer is what a client gets. A lie changes it as it likes.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	// Lost drops the connection instead of answering.
	Lost bool
}

// Rewrite makes a lie of an answer that the server gave to the request.
type Rewrite func(r *http.Request, a *Answer)

// Lie is what becomes of the answers to some requests.
type Lie struct {
	Method string // any, when empty
	Prefix string // of the path; any, when empty
	Suffix string // of the path; any, when empty
	Part   string // that the path holds; any, when empty
	Writes bool   // only requests that change something: all but GET and HEAD
	Skip   int    // how many requests that fit get the truth first
	Times  int    // how many requests are lied to; 0 for all
	// Withheld keeps the request from the server, so that only the answer happens. Rewrite
	// then gets an empty 200.
	Withheld bool
	Rewrite  Rewrite
}

// Call is one request that came to the proxy.
type Call struct {
	Method, Path string // the path with its query
	Status       int    // that the server gave; 0 for one that was withheld
	Lied         bool
}

// Proxy stands before a server. It is safe for concurrent use.
type Proxy struct {
	URL   string
	Close func() // may be called more than once

	mu    sync.Mutex
	lies  []*Lie
	calls []Call

	shown, real map[string]string // see Aliases; set before any request
}

// Before starts a proxy before the server at that URL. It ends with the test.
func Before(t testing.TB, server string) *Proxy {
	t.Helper()
	p := Open(server)
	t.Cleanup(p.Close)
	return p
}

// Open is Before for a test that starts more proxies than should be open at once.
func Open(server string) *Proxy {
	p := &Proxy{}
	transport := &http.Transport{DisableCompression: true}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, server, transport) }))
	p.URL, p.Close = srv.URL, func() {
		srv.CloseClientConnections()
		srv.Close()
		transport.CloseIdleConnections()
	}
	return p
}

// Tell adds a lie. A request gets the first that fits it and is not used up.
func (p *Proxy) Tell(l Lie) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lies = append(p.lies, &l)
}

// Relent takes back all lies that are left.
func (p *Proxy) Relent() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lies = nil
}

// Calls are the requests so far.
func (p *Proxy) Calls() []Call {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Call(nil), p.calls...)
}

func (p *Proxy) serve(w http.ResponseWriter, r *http.Request, server string, transport http.RoundTripper) {
	if len(p.real) > 0 {
		if err := p.toServer(r); err != nil {
			http.Error(w, "the proxy of the test cannot read the request", http.StatusBadGateway)
			return
		}
	}
	lie := p.take(r)
	a := &Answer{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}}
	seen := Call{Method: r.Method, Path: r.URL.RequestURI(), Lied: lie != nil}
	if lie == nil || !lie.Withheld {
		var err error
		if a, err = forward(r, server, transport); err != nil {
			http.Error(w, "the proxy of the test does not reach its server", http.StatusBadGateway)
			return
		}
		seen.Status = a.Status
	}
	p.mu.Lock()
	p.calls = append(p.calls, seen)
	p.mu.Unlock()
	if lie != nil {
		lie.Rewrite(r, a)
	}
	if len(p.shown) > 0 {
		a.Body = renameIn(a.Body, p.shown)
	}
	if a.Lost {
		panic(http.ErrAbortHandler) // net/http drops the connection
	}
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Status)
	if a.Status != http.StatusNoContent && a.Status != http.StatusNotModified {
		_, _ = w.Write(a.Body)
	}
}

func (p *Proxy) take(r *http.Request) *Lie {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i, l := range p.lies {
		if !l.fits(r) {
			continue
		}
		if l.Skip > 0 {
			l.Skip--
			continue
		}
		if l.Times == 1 {
			p.lies = append(p.lies[:i:i], p.lies[i+1:]...)
		} else if l.Times > 1 {
			l.Times--
		}
		return l
	}
	return nil
}

func (l *Lie) fits(r *http.Request) bool {
	if l.Writes && (r.Method == http.MethodGet || r.Method == http.MethodHead) || l.Method != "" && l.Method != r.Method {
		return false
	}
	at := r.URL.Path
	return strings.HasPrefix(at, l.Prefix) && strings.HasSuffix(at, l.Suffix) && strings.Contains(at, l.Part)
}

// forward lets the server answer.
func forward(r *http.Request, server string, transport http.RoundTripper) (*Answer, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(r.Context(), r.Method, server+r.URL.RequestURI(), bytes.NewReader(body)) //nolint:gosec // the server is the test's own
	if err != nil {
		return nil, err
	}
	req.Header = r.Header.Clone()
	req.Header.Del("Accept-Encoding")
	res, err := transport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	a := &Answer{Status: res.StatusCode, Header: res.Header.Clone()}
	a.Header.Del("Content-Length")
	a.Body, err = io.ReadAll(res.Body)
	return a, err
}
