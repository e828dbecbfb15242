package main

import (
	"fmt"
	"io"
	"strings"
)

// narrator tells what happens, in numbered steps.
type narrator struct {
	out    io.Writer
	redact func(string) string
	step   int
	fresh  bool // the step's first line is begun and nothing was said in it yet
}

// begin starts a step. Its line stays open until something is said, so that it
// is seen what takes its time.
func (n *narrator) begin(label string) {
	n.end()
	n.step++
	fmt.Fprintf(n.out, "%2d  %-11s", n.step, label)
	n.fresh = true
}

// say tells one thing about the step.
func (n *narrator) say(format string, args ...any) {
	text := n.redact(fmt.Sprintf(format, args...))
	if !n.fresh {
		text = strings.Repeat(" ", len("99  ")+11) + text
	}
	fmt.Fprintln(n.out, text)
	n.fresh = false
}

// broken ends the step's line where the walk ends early.
func (n *narrator) broken(why string) {
	if n.step > 0 {
		n.say("%s", why)
	}
}

func (n *narrator) end() {
	if n.fresh {
		n.say("done")
	}
}
