// Package faults says how often a test hurts the server: a few times in make test, many
// times in make faults. The tests that use it are named TestFaults_ and the rule that
// they hold, so that make faults finds them.
package faults

import (
	"os"
	"strconv"
	"testing"
)

// Variable holds the factor by which make faults multiplies the rounds.
const Variable = "POSTERN_FAULTS"

// Rounds returns how many rounds the test runs: usual, or a multiple of it under make
// faults. The count is in the test's log, as a number that nobody sees proves nothing.
func Rounds(t testing.TB, usual int) int {
	t.Helper()
	n := usual
	if sent := os.Getenv(Variable); sent != "" {
		factor, err := strconv.Atoi(sent)
		if err != nil || factor < 1 || factor > 1000 {
			t.Fatalf("%s must be a whole number from 1 to 1000, it is %q", Variable, sent)
		}
		n *= factor
	}
	t.Logf("faults: %d rounds", n)
	return n
}
