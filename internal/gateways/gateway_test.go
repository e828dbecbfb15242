package gateways_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/leftout"
	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// kind is a gateway that is tried.
type kind struct {
	program string
	block   string // the file in examples/gateways that the guide shows
	// run is what the program needs beside the block: its arguments and its environment, and
	// what it says of itself where that is not the block's business.
	run func(t *testing.T, dir, block, credential string) *exec.Cmd
}

func kinds() map[string]kind {
	return map[string]kind{
		"nginx": {program: "nginx", block: "nginx.conf", run: runNginx},
		"caddy": {program: "caddy", block: "Caddyfile", run: runCaddy},
	}
}

// world is a service behind a gateway that asks a server.
type world struct {
	*servertest.Server
	service *service
	url     string // of the gateway
}

// settings are what a test changes of the block.
type settings struct {
	platform   string
	question   string // the query that the gateway asks with
	credential string // the gateway's own; a good one when empty
	file       string // that has the platform, if it is not built in

	trusted []string  // the server's --trusted-proxies
	edit    [2]string // what the guide says to write in the block instead of what
}

// start starts all three.
func start(t *testing.T, gateway kind, s settings) *world {
	t.Helper()
	if _, err := exec.LookPath(gateway.program); err != nil {
		leftout.Skip(t, "the guide's block for "+gateway.program, "install it, on Debian by apt-get install nginx-light caddy")
	}
	options := []servertest.Option{servertest.Platform(s.platform), servertest.Proxies("X-Forwarded-For", s.trusted...)}
	if s.file != "" {
		options = append(options, servertest.PlatformFile(s.file))
	}
	w := &world{Server: servertest.Start(t, options...), service: startService(t)}
	if s.credential == "" {
		_, s.credential = w.NewOwner(t, w.AccountID(), "verify")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "examples", "gateways", gateway.block))
	if err != nil {
		t.Fatal(err)
	}
	if s.edit[0] != "" {
		text = []byte(replace(t, string(text), s.edit[0], s.edit[1]))
	}
	// Another program may take the port before the gateway does.
	for range 5 {
		dir, port := t.TempDir(), freePort(t)
		block := replace(t, string(text),
			"8080", port,
			"127.0.0.1:9000", strings.TrimPrefix(w.service.URL, "http://"),
			"127.0.0.1:8411", strings.TrimPrefix(w.URL, "http://"),
			"scope=read", s.question)
		if w.url = "http://127.0.0.1:" + port; listens(t, gateway.run(t, dir, block, s.credential), "127.0.0.1:"+port) {
			return w
		}
	}
	t.Fatalf("%s does not start", gateway.program)
	return nil
}

// replace puts values into the block, each of which must be there.
func replace(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the block has no %q", pairs[i])
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func freePort(t *testing.T) string {
	t.Helper()
	free, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer free.Close()
	_, port, err := net.SplitHostPort(free.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func runNginx(t *testing.T, dir, block, credential string) *exec.Cmd {
	t.Helper()
	own := filepath.Join(dir, "credential.conf")
	writeFile(t, own, "proxy_set_header Postern-Credential "+credential+";\n")
	writeFile(t, filepath.Join(dir, "reports.conf"), replace(t, block, "/etc/nginx/postern-credential.conf", own))
	user := ""
	if os.Getuid() == 0 {
		user = "user root;\n" // its worker must reach the test's own folder
	}
	temp := ""
	for _, name := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temp += name + "_temp_path " + filepath.Join(dir, name) + ";\n"
	}
	writeFile(t, filepath.Join(dir, "nginx.conf"), user+"daemon off;\nworker_processes 1;\npid nginx.pid;\nevents {}\nhttp {\naccess_log off;\n"+temp+"include reports.conf;\n}\n")
	return exec.CommandContext(t.Context(), "nginx", "-p", dir, "-c", "nginx.conf", "-e", "stderr")
}

func runCaddy(t *testing.T, dir, block, credential string) *exec.Cmd {
	t.Helper()
	writeFile(t, filepath.Join(dir, "Caddyfile"), "{\n\tadmin off\n}\n"+block)
	cmd := exec.CommandContext(t.Context(), "caddy", "run", "--config", filepath.Join(dir, "Caddyfile"), "--adapter", "caddyfile")
	cmd.Env = append(os.Environ(), "POSTERN_GATEWAY="+credential, "HOME="+dir, "XDG_CONFIG_HOME="+dir, "XDG_DATA_HOME="+dir)
	return cmd
}

// listens starts the gateway and reports whether it takes the address before it ends.
func listens(t *testing.T, cmd *exec.Cmd, address string) bool {
	t.Helper()
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // it is ended by a signal
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-ended
		if t.Failed() {
			t.Logf("%s said:\n%s", cmd.Path, said.String())
		}
	})
	for {
		select {
		case <-ended:
			return false
		case <-time.After(20 * time.Millisecond):
		}
		ctx, stop := context.WithTimeout(t.Context(), time.Second)
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		stop()
		if err == nil {
			_ = conn.Close()
			return true
		}
	}
}

// service is what the gateway guards. It notes what reaches it.
type service struct {
	*httptest.Server
	mu   sync.Mutex
	last *http.Request
	read int64 // of the last body
	n    int
}

func startService(t *testing.T) *service {
	t.Helper()
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, _ := io.Copy(io.Discard, r.Body)
		s.mu.Lock()
		s.last, s.read, s.n = r.Clone(context.Background()), n, s.n+1
		s.mu.Unlock()
		if status := r.URL.Query().Get("status"); status != "" {
			var code int
			_, _ = fmt.Sscan(status, &code)
			w.WriteHeader(code)
		}
		fmt.Fprint(w, "of the service")
	}))
	t.Cleanup(s.Close)
	return s
}

// seen is the last request that reached the service, and how many did.
func (s *service) seen() (*http.Request, int64, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.read, s.n
}

// call is a caller's request.
type call struct {
	method, path, body string
	header             http.Header
}

// send sends a caller's request to the gateway, and reports whether the service got it.
func (w *world) send(t *testing.T, c call) (answer servertest.Answer, reached bool) {
	t.Helper()
	if c.method == "" {
		c.method = http.MethodGet
	}
	if c.path == "" {
		c.path = "/reports/7"
	}
	_, _, before := w.service.seen()
	req, err := http.NewRequestWithContext(t.Context(), c.method, w.url+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	if c.header != nil {
		req.Header = c.header
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	_, _, after := w.service.seen()
	return servertest.Answer{Status: resp.StatusCode, Header: resp.Header, Body: string(text)}, after > before
}

// key is a header with a key.
func key(secret string) http.Header {
	return http.Header{http.CanonicalHeaderKey(api.HeaderAPIKey): {secret}}
}
