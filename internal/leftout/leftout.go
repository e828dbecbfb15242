// Package leftout leaves a test out on a machine that lacks a program for it, and sees to it
// that nobody takes it for passed. It is for tests.
package leftout

import (
	"fmt"
	"os"
	"testing"
)

// The variables that say what becomes of it.
const (
	// All makes each test that would be left out fail. .ci/run sets it where CI is set.
	All = "POSTERN_TEST_ALL"
	// List is the file that each adds a line to. make test sets it, and prints it at its end.
	List = "POSTERN_TEST_LEFT_OUT"
)

// Skip leaves the test out. It says what is not tested, and what it would need.
func Skip(t testing.TB, what, needs string) {
	t.Helper()
	t.Skip(Part(t, what, needs))
}

// Part is the same for a part of a test, which goes on. It returns what it has noted.
func Part(t testing.TB, what, needs string) (line string) {
	t.Helper()
	line = fmt.Sprintf("%s: %s", what, needs)
	if os.Getenv(All) != "" {
		t.Fatalf("%s. Nothing may be left out, as %s is set", line, All)
	}
	if name := os.Getenv(List); name != "" {
		if err := add(name, line+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	return line
}

func add(name, line string) error {
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0) //nolint:gosec // the file that make test made
	if err != nil {
		return fmt.Errorf("noting what is left out: %w", err)
	}
	if _, err := f.WriteString(line); err != nil {
		return fmt.Errorf("noting what is left out: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("noting what is left out: %w", err)
	}
	return nil
}
