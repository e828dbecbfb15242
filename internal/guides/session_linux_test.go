package guides_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// patience is long, as a loaded machine is slow: it only ends what hangs.
const patience = 5 * time.Minute

// session is a reader at a shell: one bash that keeps its folder and its variables from
// command to command, and a second terminal for servers.
type session struct {
	t       *testing.T
	root    string // where it begins
	env     []string
	port    string
	paste   io.Writer          // what the shell reads
	run     io.Writer          // names of files with commands
	gone    <-chan struct{}    // is closed when the shell has ended
	screen  *screen            // what both terminals showed
	stopped []func()           // ends the servers of the second terminal
	server  *servertest.Server // the one that the page needs; nil for none
}

// screen collects what programs print.
type screen struct {
	mu   sync.Mutex
	text strings.Builder
	seen func(all string) // is called on each write, under the lock
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text.Write(p)
	if s.seen != nil {
		s.seen(s.text.String())
	}
	return len(p), nil
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// driver runs the files that it is told on descriptor 3. It prints the folder between two
// marks after each, and traces to 4 what it runs, so that the test knows what is asked for.
const driver = `BASH_XTRACEFD=4
set -e
while IFS= read -r -u 3 file; do
  set -x
  . "$file" 3<&-
  { set +x; } 4>/dev/null
  printf '\036%s\036' "$PWD"
done`

var ended = regexp.MustCompile("\x1e([^\x1e]*)\x1e")

// open starts the reader's shell in a folder. git clone takes what is here, as there may be
// no network.
func open(t *testing.T, root string, env ...string) *session {
	t.Helper()
	s := &session{t: t, root: root, env: env, screen: &screen{}}
	pasted, paste := pipe(t)
	named, run := pipe(t)
	traced, trace := pipe(t)
	shown, show := pipe(t)
	cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-c", driver)
	cmd.Dir, cmd.Env = root, env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = pasted, show, show
	cmd.ExtraFiles = []*os.File{named, trace}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, theirs := range []*os.File{pasted, show, named, trace} {
		theirs.Close()
	}
	gone := make(chan struct{})
	go func() { _ = cmd.Wait(); close(gone) }()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // with what it left in the background
		<-gone
		s.stop()
	})
	s.paste, s.run, s.gone = paste, run, gone
	go s.pasteWhenAsked(traced)
	go func() { _, _ = io.Copy(s.screen, shown) }()
	s.sayYes()
	return s
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return r, w
}

var reads = regexp.MustCompile(`^\++ read -rs (\w+)$`)

// credentials are what is shown once and pasted: into a variable for a gateway the last
// limited one, into any other the last owner credential.
var credentials = map[bool]*regexp.Regexp{true: regexp.MustCompile(`ptn_service_\w+`), false: regexp.MustCompile(`ptn_owner_\w+`)}

func (s *session) pasteWhenAsked(trace io.Reader) {
	for lines := bufio.NewScanner(trace); lines.Scan(); {
		asked := reads.FindStringSubmatch(lines.Text())
		if asked == nil {
			continue
		}
		value := ""
		if found := credentials[asked[1] == "GATEWAY"].FindAllString(s.screen.String(), -1); len(found) > 0 {
			value = found[len(found)-1]
		}
		fmt.Fprintln(s.paste, value)
	}
}

// sayYes answers terraform, as a reader does who has seen the plan.
func (s *session) sayYes() {
	answered := 0
	s.screen.seen = func(all string) {
		for asked := strings.Count(all, "Enter a value:"); answered < asked; answered++ {
			fmt.Fprintln(s.paste, "yes")
		}
	}
}

// enter runs commands in the shell and returns what they printed. A server in the
// foreground goes to the second terminal.
func (s *session) enter(commands string) string {
	s.t.Helper()
	before := len(s.screen.String())
	var here strings.Builder
	for line := range strings.Lines(commands) {
		if strings.HasPrefix(line, "bin/postern serve") && !strings.HasSuffix(strings.TrimSpace(line), "&") {
			s.source(here.String())
			here.Reset()
			s.serve(line)
			continue
		}
		here.WriteString(line)
	}
	s.source(here.String())
	return s.screen.String()[before:]
}

// source runs commands in the shell, and fails the test when one of them fails.
func (s *session) source(commands string) {
	s.t.Helper()
	if strings.TrimSpace(commands) == "" {
		return
	}
	file := filepath.Join(s.t.TempDir(), "commands")
	if err := os.WriteFile(file, []byte(commands), 0o600); err != nil {
		s.t.Fatal(err)
	}
	before := len(s.screen.String())
	fmt.Fprintln(s.run, file)
	s.until(commands, func() bool {
		if end := ended.FindStringSubmatch(s.screen.String()[before:]); end != nil {
			s.root = end[1]
			return true
		}
		select {
		case <-s.gone:
			time.Sleep(100 * time.Millisecond) // for its last words
			s.t.Fatalf("a command failed:\n%s\nIt printed:\n%s", commands, s.screen.String()[before:])
		default:
		}
		return false
	})
}

// serve runs a server in a terminal of its own, where it shows its first credential.
func (s *session) serve(command string) {
	s.t.Helper()
	ours, theirs := servertest.Terminal(s.t)
	cmd := exec.CommandContext(s.t.Context(), "bash", "-c", "exec "+command)
	cmd.Dir, cmd.Env = s.root, s.env
	cmd.Stdout, cmd.Stderr = theirs, theirs
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	theirs.Close()
	end := sync.OnceFunc(func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() })
	s.stopped = append(s.stopped, end)
	before := len(s.screen.String())
	go func() { _, _ = io.Copy(s.screen, ours) }()
	s.until(command, func() bool { return strings.Contains(s.screen.String()[before:], "listens on") })
}

// stop ends the servers of the second terminal, as Ctrl-C does.
func (s *session) stop() {
	for _, end := range s.stopped {
		end()
	}
	s.stopped = nil
}

// answering waits until a server answers at the session's port.
func (s *session) answering() {
	s.t.Helper()
	s.until("a server at "+s.port, func() bool {
		c, err := (&net.Dialer{}).DialContext(s.t.Context(), "tcp", "127.0.0.1:"+s.port)
		if err == nil {
			c.Close()
		}
		return err == nil
	})
}

func (s *session) until(what string, done func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s: nothing came of it. The screen shows:\n%s", what, s.screen)
		}
	}
}

// edit changes a file in the session's folder, as the page tells the reader to.
func (s *session) edit(name, from, to string) {
	s.t.Helper()
	file := filepath.Join(s.root, name)
	text, err := os.ReadFile(file)
	if err != nil || strings.Count(string(text), from) != 1 {
		s.t.Fatalf("%s does not hold %q once: %v", name, from, err)
	}
	s.put(name, strings.Replace(string(text), from, to, 1))
}

// put writes a file into the session's folder.
func (s *session) put(name, text string) {
	s.t.Helper()
	file := filepath.Join(s.root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// freePort is one that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}
