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

// A line is as wide as most windows are, and begins where the step's label ends.
const (
	width  = 120
	margin = len("99  ") + 11
)

// say tells one thing about the step, in as many lines as it needs.
func (n *narrator) say(format string, args ...any) {
	line := ""
	for _, word := range strings.Split(n.redact(fmt.Sprintf(format, args...)), " ") {
		switch {
		case line == "":
			line = word
		case margin+len(line)+1+len(word) > width:
			n.print(line)
			line = word
		default:
			line += " " + word
		}
	}
	n.print(line)
}

// quote repeats an answer as it is, in a line of its own.
func (n *narrator) quote(text string) { n.print("    " + n.redact(text)) }

func (n *narrator) print(line string) {
	if !n.fresh {
		line = strings.Repeat(" ", margin) + line
	}
	fmt.Fprintln(n.out, line)
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
