package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

// A folder that has seen a time which is not there yet starts nothing, whichever command
// opens it, until the operator takes that time back.
func TestResetClock_LetsAFolderStartThatHasSeenAWrongTime(t *testing.T) {
	t.Parallel()
	dir, made := initialisedFolder(t)
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, server.DatabaseFile))
	if err != nil {
		t.Fatal(err)
	}
	wrong := time.Now().AddDate(3, 0, 0).UTC().Truncate(time.Microsecond)
	err = store.Update(t.Context(), "", func(w keyring.Writer) error { return w.RaiseRecordedTime(t.Context(), wrong) })
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"account", "list"}, {"owner-key", "list"}} {
		fails(t, " behind "+wrong.Format(time.RFC3339)+", the newest time that the data folder has seen: what has ended since must not work again; set the clock right, or, if the recorded time was wrong, run: postern reset-clock", append(command, "--data-dir", dir)...)
	}
	var done resetClock
	asJSON(t, &done, "reset-clock", "--data-dir", dir)
	if done.Before == nil || !done.Before.Equal(wrong) || time.Since(done.After).Abs() > time.Hour || len(done.Accounts) != 1 || done.Accounts[0] != made.AccountID {
		t.Errorf("it did %+v", done)
	}
	says(t, `(?s)The recorded time was .* and is .* now.*works again.*1 in all`, "reset-clock", "--data-dir", dir)
	says(t, made.AccountID, "account", "list", "--data-dir", dir)
	says(t, `clock\.reset`, "audit", "list", "--data-dir", dir)
	fails(t, "there is no data folder", "reset-clock", "--data-dir", filepath.Join(dir, "nothing"))
}
