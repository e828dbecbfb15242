package guides_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/leftout"
)

// sources is a copy of what the programs are built from, with the built programs and the
// mirror in its bin/, from where all pages take them: where a page says make, little is left
// to do.
var sources = sync.OnceValues(func() (string, error) {
	root, err := os.MkdirTemp("", "postern-guides-")
	if err != nil {
		return "", err
	}
	made = root
	for _, name := range []string{"GNUmakefile", "go.mod", "go.sum", "main.go", "client", "cmd", "examples", "internal", "provider", "tools"} {
		if err := copied(filepath.Join("..", "..", name), filepath.Join(root, name)); err != nil {
			return root, err
		}
	}
	out, err := exec.Command("make", "-C", root, "mirror").CombinedOutput()
	if err != nil {
		err = &fs.PathError{Op: "make mirror: " + string(out), Path: root, Err: err}
	}
	return root, err
})

// made is the folder of sources, once it is there.
var made string

func TestMain(m *testing.M) {
	code := m.Run()
	if made != "" {
		os.RemoveAll(made)
	}
	os.Exit(code)
}

// copied copies a file, or a folder without tests and what a package manager put there.
func copied(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rest, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rest)
		switch {
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(target, 0o700)
		case strings.HasSuffix(d.Name(), "_test.go") || !d.Type().IsRegular():
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, info.Mode().Perm())
	})
}

// What a page prints is what a reader types: each command works as it stands, in order, and
// prints what the page shows. Where a server is called 127.0.0.1:8411, it is at a free port.
func TestGuides_EachCommandWorksAsPrinted(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("with -short: the programs run as they are built, which make race has no use for")
	}
	for file, w := range walks() {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			root, err := sources()
			if err != nil {
				t.Fatal(err)
			}
			w.take(t, file, w.begin(t, root))
		})
	}
}

// begin is a reader who has what the page needs.
func (w walk) begin(t *testing.T, sources string) *session {
	t.Helper()
	folder, home := t.TempDir(), t.TempDir()
	// There may be no network: what is cloned is here, and built already.
	clone := "#!/bin/sh\ntest \"$1\" = clone && cp -rl '" + sources + "' \"${2##*/}\"\n"
	if err := os.WriteFile(filepath.Join(home, "git"), []byte(clone), 0o700); err != nil {
		t.Fatal(err)
	}
	if w.source {
		cloned := exec.CommandContext(t.Context(), filepath.Join(home, "git"), "clone", "sources")
		cloned.Dir = folder
		if out, err := cloned.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		folder = filepath.Join(folder, "sources")
	} else if err := os.Symlink(filepath.Join(sources, "bin"), filepath.Join(folder, "bin")); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "POSTERN_") || strings.HasPrefix(entry, "TF_") || strings.HasPrefix(entry, "SENDGRID_") || strings.HasPrefix(entry, "HOME=") || strings.HasPrefix(entry, "PATH=")
	})
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPATH"} { // which hang on HOME
		out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		env = append(env, name+"="+strings.TrimSpace(string(out)))
	}
	s := open(t, folder, append(env, "HOME="+home, "PATH="+home+":"+os.Getenv("PATH"), "CHECKPOINT_DISABLE=1",
		"TF_CLI_CONFIG_FILE="+filepath.Join(sources, "bin", "mirror.tfrc"), "POSTERN_LISTEN=127.0.0.1:"+port)...)
	s.port = port
	if w.server != "" {
		s.against(w.server)
	}
	return s
}

// take does what the page says.
func (w walk) take(t *testing.T, file string, s *session) {
	t.Helper()
	found, _ := blocks(t, file)
	used := map[string]bool{}
	printed := ""
	for _, b := range found {
		b.text = s.here(b.text)
		for from, to := range w.other {
			b.text = strings.ReplaceAll(b.text, from, to)
		}
		switch {
		case !b.typed() && b.lang != "text":
		case w.leftOut(t, b.text, used):
			printed = ""
		case b.lang == "text":
			if line := missing(strings.Split(b.text, "\n"), printed); line != "" {
				t.Errorf("%s:%d shows %q, and what came is:\n%s", file, b.line, line, printed)
			}
		default:
			printed = ""
			for _, st := range b.steps() {
				out := w.step(s, st, used)
				if line := missing(st.output, out); line != "" {
					t.Errorf("%s:%d shows %q after\n%s and what came is:\n%s", file, b.line, line, st.command, out)
				}
				printed += out
			}
		}
	}
	w.allUsed(t, used)
}

var refusal = regexp.MustCompile(`HTTP/1\.1 [45]\d\d|"status": ?[45]\d\d|"errors": ?\[`)

// step runs one command, with what the reader does before it.
func (w walk) step(s *session, st step, used map[string]bool) string {
	s.t.Helper()
	if do, ok := in(w.before, "$ "+st.command, used); ok {
		do(s)
	}
	command := st.command
	if code, ok := in(w.exits, command, used); ok {
		command = "{ " + command + "} && exit 99 || test $? -eq " + string('0'+rune(code)) + "\n"
	}
	out := s.enter(command)
	_, denied := in(w.denied, command, used)
	if got := refusal.FindString(out); (got != "" || strings.Contains(out, `"code":"missing_scope"`)) != denied {
		s.t.Errorf("refused: %q, and that is expected: %t\n%s%s", got, denied, command, out)
	}
	return out
}

// leftOut says why a block is not run.
func (w walk) leftOut(t *testing.T, text string, used map[string]bool) bool {
	t.Helper()
	if _, ok := in(w.skip, text, used); ok {
		return true
	}
	if program, ok := in(w.needs, text, used); ok {
		if _, err := exec.LookPath(program); err != nil {
			t.Log(leftout.Part(t, "a block of "+t.Name(), program+" is needed"))
			return true
		}
	}
	return false
}

// in is the entry whose key the text holds.
func in[T any](table map[string]T, text string, used map[string]bool) (T, bool) {
	for key, value := range table {
		if strings.Contains(text, key) {
			used[key] = true
			return value, true
		}
	}
	var none T
	return none, false
}

// allUsed finds what is in a table for a command that the page does not have any more.
func (w walk) allUsed(t *testing.T, used map[string]bool) {
	t.Helper()
	for _, keys := range [][]string{keysOf(w.before), keysOf(w.exits), keysOf(w.denied), keysOf(w.needs), keysOf(w.skip)} {
		for _, key := range keys {
			if !used[key] {
				t.Errorf("no command holds %q", key)
			}
		}
	}
}

func keysOf[T any](table map[string]T) (keys []string) {
	for key := range table {
		keys = append(keys, key)
	}
	return keys
}
