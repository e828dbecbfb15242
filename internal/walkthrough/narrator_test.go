package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNarrator(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	s := secrets{}
	s.add("hidden")
	n := narrator{out: &out, redact: s.redact}
	n.begin("init")
	n.begin("use")
	n.say("%d for %s", 204, "write")
	n.say("with hidden")
	n.begin("destroy")
	n.broken("NOT AS SAID")
	want := " 1  init       done\n 2  use        204 for write\n               with [secret]\n 3  destroy    NOT AS SAID\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}
