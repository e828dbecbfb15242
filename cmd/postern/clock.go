package main

import (
	"context"
	"fmt"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

// resetClockCommand takes back a recorded time that was wrong. It reads neither the
// pepper nor a platform.
type resetClockCommand struct {
	DataDir string `help:"The data folder. It must be there; stop the server that runs on it first." default:"./postern-data"`
	JSON    bool   `help:"Print one JSON value, for a program." env:"-"`
}

// resetClock is what reset-clock --json prints.
type resetClock struct {
	Before   *time.Time `json:"recorded_before"` // null when no time was recorded
	After    time.Time  `json:"recorded_now"`
	Accounts []string   `json:"account_ids"` // whose audit trails tell of it
}

// Run records the time that this machine's clock shows.
func (c *resetClockCommand) Run(ctx context.Context, out *output) error {
	done, err := server.ResetClock(ctx, c.DataDir)
	if err != nil {
		return err
	}
	shown, before := resetClock{After: done.After, Accounts: done.Accounts}, "nothing"
	if !done.Before.IsZero() {
		shown.Before, before = &done.Before, shownTime(done.Before)
	}
	return existingFlags{JSON: c.JSON}.print(out.stdout, shown, fmt.Sprintf(
		"The recorded time was %s and is %s now, as this machine's clock shows.\nA key that expired in between works again, and a secret whose overlap ended in between, "+
			"if it was not deleted yet. The audit trail of each account tells of it, %d in all.\n", before, shownTime(done.After), len(done.Accounts)))
}
