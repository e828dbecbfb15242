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
	n.quote(`{"a": "hidden"}`)
	n.begin("destroy")
	n.broken("NOT AS SAID")
	want := " 1  init       done\n 2  use        204 for write\n               with [secret]\n                   {\"a\": \"[secret]\"}\n 3  destroy    NOT AS SAID\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestNarrator_LongLinesAreBroken(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	n := narrator{out: &out, redact: func(text string) string { return text }}
	n.begin("limit")
	n.say("%s", strings.Repeat("word ", 60)+strings.Repeat("x", 200))
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	for i, line := range lines[:len(lines)-2] {
		if len(line) > width || len(line) < width-len(" word") || i > 0 && line[margin-1:margin+1] != " w" {
			t.Errorf("line %d of %d characters: %q", i, len(line), line)
		}
	}
	if got := strings.Join(strings.Fields(out.String()), " "); got != "1 limit "+strings.Repeat("word ", 60)+strings.Repeat("x", 200) {
		t.Errorf("got %s", got)
	}
}
