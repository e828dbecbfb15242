package httpapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

const (
	benchConns  = 32
	benchRounds = 7
	benchRound  = 700 * time.Millisecond
	benchKeys   = 1000
)

// BenchmarkVerify measures POST /v1/verify over loopback beside its floor: a bare
// net/http handler that decodes the same request and encodes the same answer.
// Both take turns in one run, and the medians are compared.
//
//	go test -run '^$' -bench BenchmarkVerify -benchtime 1x ./internal/httpapi
func BenchmarkVerify(b *testing.B) {
	verify, requests := benchServer(b)
	floor := benchFloor(b)
	var floors, verifies []float64
	for b.Loop() {
		for range benchRounds {
			floors = append(floors, rate(b, floor, requests))
			verifies = append(verifies, rate(b, verify, requests))
		}
	}
	slices.Sort(floors)
	slices.Sort(verifies)
	f, v := floors[len(floors)/2], verifies[len(verifies)/2]
	b.ReportMetric(f, "floor-req/s")
	b.ReportMetric(v, "verify-req/s")
	b.ReportMetric(v/f, "of-floor")
	b.ReportMetric(0, "ns/op")
}

// benchServer starts the program's own wiring with some keys, and returns its
// address and a request to verify each key.
func benchServer(b *testing.B) (string, [][]byte) {
	b.Helper()
	srv, err := server.New(b.Context(), server.Config{
		Data: server.Data{Dir: b.TempDir() + "/data"}, Listen: "127.0.0.1:0", Version: "bench",
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		b.Fatal(err)
	}
	_, owner, err := srv.Data().Initialise(b.Context(), keyring.NewAccount{Name: "bench", Platform: "postern"})
	if err != nil {
		b.Fatal(err)
	}
	who, err := srv.Data().Keyring.Authenticate(b.Context(), owner, keyring.Origin{})
	if err != nil {
		b.Fatal(err)
	}
	var requests [][]byte
	for i := range benchKeys {
		issued, err := srv.Data().Keyring.CreateAPIKey(b.Context(), who, keyring.NewAPIKey{Name: fmt.Sprintf("key %d", i), Scopes: []string{"read"}, Enabled: true}, "")
		if err != nil {
			b.Fatal(err)
		}
		body, err := api.MarshalWire(api.VerifyRequest{Secret: issued.Secret, Scopes: []string{"read"}})
		if err != nil {
			b.Fatal(err)
		}
		requests = append(requests, fmt.Appendf(nil, "POST /v1/verify HTTP/1.1\r\nHost: bench\r\nX-API-Key: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", owner.Reveal(), len(body), body))
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(b.Context()))
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ctx) }()
	b.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	return strings.TrimPrefix(srv.URL(), "http://"), requests
}

func benchFloor(b *testing.B) string {
	b.Helper()
	listener, err := (&net.ListenConfig{}).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	bare := &http.Server{ReadHeaderTimeout: time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in api.VerifyRequest
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, "bad", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", jsonType)
		_ = json.NewEncoder(w).Encode(api.Verification{
			Valid: true, Code: api.VerifyValid, Status: http.StatusOK, APIKeyID: "key_00000000000000000000", Name: "key 000",
			AccountID: "acct_00000000000000000000", EffectiveScopes: in.Scopes,
		})
	})}
	go func() { _ = bare.Serve(listener) }()
	b.Cleanup(func() { _ = bare.Close() })
	return listener.Addr().String()
}

// rate sends requests over several connections for one round. The client does no
// more than it must, as it runs on the server's processors.
func rate(b *testing.B, at string, requests [][]byte) float64 {
	b.Helper()
	var n atomic.Int64
	var all sync.WaitGroup
	started := time.Now()
	for c := range benchConns {
		conn, err := (&net.Dialer{}).DialContext(b.Context(), "tcp", at)
		if err != nil {
			b.Fatal(err)
		}
		all.Go(func() {
			defer conn.Close()
			in := bufio.NewReader(conn)
			for i := c * 31; time.Since(started) < benchRound; i += 7 {
				if _, err := conn.Write(requests[i%len(requests)]); err != nil {
					b.Error(err)
					return
				}
				if err := skipAnswer(in); err != nil {
					b.Error(err)
					return
				}
				n.Add(1)
			}
		})
	}
	all.Wait()
	return float64(n.Load()) / time.Since(started).Seconds()
}

// skipAnswer reads one answer of 200 to its end.
func skipAnswer(in *bufio.Reader) error {
	length := 0
	for first := true; ; first = false {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return err
		}
		text := strings.TrimSpace(string(line))
		if first && text != "HTTP/1.1 200 OK" {
			return fmt.Errorf("answered %s", text)
		}
		if text == "" {
			_, err = in.Discard(length)
			return err
		}
		if value, ok := strings.CutPrefix(text, "Content-Length: "); ok {
			if length, err = strconv.Atoi(value); err != nil {
				return err
			}
		}
	}
}
