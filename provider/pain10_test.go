package provider_test

import (
	"strings"
	"testing"
	"time"
)

// rotates fails the test unless an apply rotates the key once and the plans behind it
// are empty.
func (w world) rotates(c cli, version int) {
	w.t.Helper()
	if out := c.ok("apply", "-no-color", "-auto-approve"); !strings.Contains(out, "0 added, 1 changed, 0 destroyed") {
		w.t.Errorf("to version %d: %s", version, out)
	}
	if got := w.only().SecretVersion; got != version {
		w.t.Errorf("version %d, want %d", got, version)
	}
	c.unchanged()
	c.unchanged()
}

// Without time_rotating there is nothing beside the key that could drift: at each stage
// the second plan is empty, and a window that opens is one rotation.
func TestPain10_TheSecondPlanIsEmptyAtEachStageOfARotation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written(monthly))
	c.ok("apply", "-no-color", "-auto-approve")
	c.unchanged()
	passed := time.Duration(0) // since the last rotation
	for version := 2; version <= 3; version++ {
		w.server.Advance(28*day - passed - time.Second)
		c.unchanged() // right before the window opens
		w.server.Advance(time.Second)
		w.rotates(c, version) // right after
		w.server.Advance(12 * time.Hour)
		c.unchanged() // in the overlap
		w.server.Advance(12 * time.Hour)
		c.unchanged() // after it
		passed = day
	}
	// Many periods without a run are one rotation, and none that catches up.
	w.server.Advance(365 * day)
	if code, out := c.run("plan", "-no-color", "-detailed-exitcode"); code != 2 || !strings.Contains(out, "0 to add, 1 to change, 0 to destroy") {
		t.Errorf("exit %d: %s", code, out)
	}
	c.ok("apply", "-no-color", "-auto-approve", "-refresh-only") // a refresh alone takes no window away
	w.rotates(c, 4)
}
