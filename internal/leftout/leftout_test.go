package leftout_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/leftout"
)

// watched is a test that notes how it ends.
type watched struct {
	testing.TB
	skipped, failed string
}

func (w *watched) Helper() {}
func (w *watched) Skip(args ...any) {
	w.skipped = fmt.Sprint(args...)
	runtime.Goexit()
}
func (w *watched) Fatalf(format string, args ...any) {
	w.failed = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func leaveOut(what, needs string) *watched {
	w, done := &watched{}, make(chan struct{})
	go func() {
		defer close(done)
		leftout.Skip(w, what, needs)
	}()
	<-done
	return w
}

func TestSkip_IsNotedOrFails(t *testing.T) {
	list := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(list, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(leftout.List, list)
	t.Setenv(leftout.All, "")
	for _, what := range []string{"one", "two"} {
		if w := leaveOut(what, "needs a thing"); w.skipped != what+": needs a thing" || w.failed != "" {
			t.Errorf("%+v", w)
		}
	}
	t.Setenv(leftout.All, "1")
	if w := leaveOut("three", "needs a thing"); w.skipped != "" || w.failed == "" {
		t.Errorf("%+v", w)
	}
	if text, err := os.ReadFile(list); err != nil || string(text) != "one: needs a thing\ntwo: needs a thing\n" {
		t.Errorf("%q, %v", text, err)
	}
}
