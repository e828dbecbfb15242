package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

// The comments in client/api are what callers read; the table must agree.
func TestStatusOfEveryCodeIsAsDocumented(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "../../client/api/error.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "Code") {
			return true
		}
		code, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		want, _, _ := strings.Cut(strings.TrimSpace(spec.Comment.Text()), ":")
		if got := strconv.Itoa(statusOf(api.Code(code))); got != want {
			t.Errorf("%s is answered with %s, its comment says %s", code, got, want)
		}
		seen++
		return true
	})
	if seen < 20 {
		t.Errorf("found %d codes", seen)
	}
}

func TestHeadersAreReadInTheFormOfNetHTTP(t *testing.T) {
	t.Parallel()
	for _, name := range []string{api.HeaderAuthorize, api.HeaderRequestID} {
		if http.CanonicalHeaderKey(name) != name {
			t.Errorf("%s would not be found", name)
		}
	}
	if http.CanonicalHeaderKey(api.HeaderAPIKey) != headerAPIKey {
		t.Errorf("%s is not %s", headerAPIKey, api.HeaderAPIKey)
	}
}

// failing is a store that can be made to fail.
type failing struct {
	keyring.Store
	err   error
	pings atomic.Int64
}

func (f *failing) View(ctx context.Context, fn func(keyring.Reader) error) error {
	if f.err != nil {
		return f.err
	}
	return f.Store.View(ctx, fn)
}

func (f *failing) Lookup(ctx context.Context, fn func(keyring.Reader) error) error {
	if f.err != nil {
		return f.err
	}
	return f.Store.Lookup(ctx, fn)
}

func (f *failing) Ping(context.Context) error {
	f.pings.Add(1)
	return f.err
}

// newFailing returns an API over a store that works until its err is set.
func newFailing(t *testing.T, log io.Writer) (*API, *failing) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	p, err := platform.Builtin("postern")
	if err != nil {
		t.Fatal(err)
	}
	broken := &failing{Store: store}
	k, err := keyring.New(t.Context(), keyring.Config{
		Store: broken, Peppers: secret.Peppers{secret.NewPepper(1)}, Platforms: map[string]*platform.Platform{p.Name: p},
	})
	if err != nil {
		t.Fatal(err)
	}
	a, err := New(Config{Keyring: k, Log: slog.New(slog.NewJSONHandler(log, nil)), Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return a, broken
}

func serve(a *API, r *http.Request) (*httptest.ResponseRecorder, api.Problem) {
	r.Header.Set(api.HeaderAPIKey, "ptn_owner_hushhush")
	w := httptest.NewRecorder()
	a.ServeHTTP(w, r)
	var p api.Problem
	_ = json.Unmarshal(w.Body.Bytes(), &p) // what is no problem stays empty and fails the test
	return w, p
}

func TestStoreFailures(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		err    error
		status int
		code   api.Code
	}{
		"unavailable": {errors.Join(keyring.ErrUnavailable, errors.New("a worn cable")), http.StatusServiceUnavailable, api.CodeStorageUnavailable},
		"full":        {errors.Join(keyring.ErrFull, errors.New("a worn cable")), http.StatusInsufficientStorage, api.CodeStorageFull},
		"unknown":     {errors.New("a worn cable"), http.StatusInternalServerError, api.CodeInternal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log strings.Builder
			a, store := newFailing(t, &log)
			store.err = tc.err
			for _, path := range []string{"GET /v1/account", "POST /v1/verify"} {
				log.Reset()
				method, target, _ := strings.Cut(path, " ")
				w, p := serve(a, httptest.NewRequestWithContext(t.Context(), method, target, nil))
				if w.Code != tc.status || p.Code != tc.code || w.Header().Get("Content-Type") != problemType {
					t.Errorf("%s: %d %s", path, w.Code, w.Body)
				}
				if strings.Contains(w.Body.String(), "a worn cable") {
					t.Errorf("%s tells the caller the cause: %s", path, w.Body)
				}
				if n := strings.Count(log.String(), "a worn cable"); n != 1 || !strings.Contains(log.String(), p.RequestID) {
					t.Errorf("%s logs the cause %d times: %s", path, n, log.String())
				}
				if strings.Contains(log.String(), "hushhush") {
					t.Errorf("%s logs the credential", path)
				}
			}
			if w, p := serve(a, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil)); w.Code != http.StatusServiceUnavailable || p.Code != api.CodeStorageUnavailable {
				t.Errorf("/readyz: %d %s", w.Code, w.Body)
			}
			if w, _ := serve(a, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/healthz", nil)); w.Code != http.StatusOK {
				t.Errorf("/healthz: %d", w.Code)
			}
		})
	}
}

func TestPanic(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	a, _ := newFailing(t, &log)
	a.mux.HandleFunc("GET /panic", func(http.ResponseWriter, *http.Request) { panic("the reason") })
	a.mux.HandleFunc("GET /late", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		panic("too late")
	})
	w, p := serve(a, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/panic", nil))
	if w.Code != http.StatusInternalServerError || p.Code != api.CodeInternal || strings.Contains(w.Body.String(), "the reason") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
	if !strings.Contains(log.String(), "the reason") || !strings.Contains(log.String(), "problem_internal_test.go") {
		t.Errorf("the log does not say where: %s", log.String())
	}
	if w, _ := serve(a, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/late", nil)); w.Code != http.StatusOK || !strings.Contains(log.String(), "too late") {
		t.Errorf("%d: %s", w.Code, log.String())
	}
}

// net/http drops a connection on this panic; it must get to see it.
func TestPanic_AbortIsPassedOn(t *testing.T) {
	t.Parallel()
	a, _ := newFailing(t, io.Discard)
	a.mux.HandleFunc("GET /abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	defer func() {
		if v := recover(); v != http.ErrAbortHandler { //nolint:errorlint // a panic's value, not an error in a chain
			t.Errorf("recovered %v", v)
		}
	}()
	serve(a, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/abort", nil))
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]int64{`"3"`: 3, ` "3" `: 3, "*": 0, "": 0} {
		got, err := ifMatch(sent)
		if err != nil || want == 0 && got != nil || want != 0 && (got == nil || *got != want) {
			t.Errorf("%q: %v, %v", sent, got, err)
		}
	}
}

func FuzzIfMatch(f *testing.F) {
	for _, seed := range []string{`"3"`, `W/"3"`, "*", "", `"-3"`, `"3", "4"`, `"03"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		revision, err := ifMatch(header)
		if err == nil && revision != nil && etag(*revision) != strings.TrimSpace(header) {
			t.Errorf("%q is taken for revision %d", header, *revision)
		}
	})
}
