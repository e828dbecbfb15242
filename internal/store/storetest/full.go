package storetest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// Disk is a disk that a test can fill.
type Disk struct {
	Open Opener
	Fill func() // leaves no room for ordinary writes, and never touches what the store keeps back
	Free func() // makes room again
}

// RunFull checks what a store promises on a full disk. fresh prepares a new, empty
// database; the Disk's Open has been called once when Fill is.
func RunFull(t *testing.T, fresh func(t *testing.T) Disk) {
	for name, test := range map[string]func(*testing.T, Disk, *db){
		"ordinary writes are refused":          testFullOrdinary,
		"deletions go through":                 testFullDeletions,
		"a flood cannot eat what is kept back": testFullFlood,
		"a restart":                            testFullRestart,
	} {
		t.Run(name, func(t *testing.T) {
			disk := fresh(t)
			test(t, disk, &db{t: t, open: disk.Open, Store: disk.Open(t)})
		})
	}
}

const fullKeys = 40

// fillWithKeys makes keys and fills the disk with the smallest audit records, up to
// where one is refused: then no write with an audit record finds room.
func (d *db) fillWithKeys(disk Disk) {
	d.t.Helper()
	d.seed("acct_1")
	for i := range fullKeys {
		d.insert(apikey("acct_1", fmt.Sprintf("key_%d", i), i))
	}
	if got, err := d.Space(); got == keyring.SpaceFull || err != nil {
		d.t.Fatalf("before the disk is full: %v, %v", got, err)
	}
	disk.Fill()
	for i := 0; ; i++ {
		err := d.Update(d.t.Context(), "acct_1", func(w keyring.Writer) error { return appendNext(d, w, "x") })
		if errors.Is(err, keyring.ErrFull) {
			break
		}
		if err != nil || i == 20_000 {
			d.t.Fatalf("filling the disk, write %d: %v", i, err)
		}
	}
	d.waitFor(keyring.SpaceFull)
}

// insertAudited makes a key and its audit record, as a create does.
func insertAudited(d *db, w keyring.Writer, name string, i int) error {
	if err := w.InsertAPIKey(d.t.Context(), apikey("acct_1", fmt.Sprintf("key_%s_%d", name, i), i)); err != nil {
		return err
	}
	return appendNext(d, w, "apikey.create")
}

func appendNext(d *db, w keyring.Writer, action string) error {
	head, err := w.AuditHead(d.t.Context(), "acct_1")
	if err != nil {
		return err
	}
	return w.AppendAudit(d.t.Context(), keyring.AuditEvent{
		Account: "acct_1", Seq: head.Seq + 1, At: start, ActorKind: api.CallerOwner, Actor: "own_1", Action: action, Target: "key_1",
		Outcome: keyring.OutcomeAllowed, Detail: []byte("{}"), PrevHash: head.Hash, Hash: digest(fmt.Sprint(head.Seq + 1)),
	})
}

// waitFor waits until the store says that it has so much room, as it looks only every
// few seconds.
func (d *db) waitFor(want keyring.Space) {
	d.t.Helper()
	var got keyring.Space
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var err error
		if got, err = d.Space(); err != nil {
			d.t.Fatal(err)
		}
		if got == want || want == keyring.SpaceEnough && got == keyring.SpaceNearlyFull {
			return
		}
	}
	d.t.Fatalf("the space is %v, want %v", got, want)
}

// waitForWrites waits until ordinary writes go through again.
func (d *db) waitForWrites() {
	d.t.Helper()
	var err error
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		err = d.Update(d.t.Context(), "acct_1", func(w keyring.Writer) error { return insertAudited(d, w, "after", 0) })
		if err == nil {
			d.waitFor(keyring.SpaceEnough)
			return
		}
	}
	d.t.Fatalf("the disk has room again: %v", err)
}

// remove deletes a key with its audit record.
func (d *db) remove(i int, u keyring.Urgency) error {
	return d.Update(d.t.Context(), "acct_1", func(w keyring.Writer) error {
		w.Mark(u)
		if err := w.DeleteAPIKey(d.t.Context(), "acct_1", fmt.Sprintf("key_%d", i)); err != nil {
			return err
		}
		return appendNext(d, w, "apikey.delete")
	})
}

func testFullOrdinary(t *testing.T, disk Disk, d *db) {
	d.fillWithKeys(disk)
	before := d.apikey("acct_1", "key_0")
	for i := range 20 {
		d.refused(keyring.ErrFull, "acct_1", func(w keyring.Writer) error { return insertAudited(d, w, "late", i) })
	}
	if err := d.Update(t.Context(), "acct_1", func(w keyring.Writer) error { _, err := w.Accounts(t.Context()); return err }); err != nil {
		t.Errorf("an update that writes nothing: %v", err)
	}
	if diff := cmp.Diff(before, d.apikey("acct_1", "key_0")); diff != "" {
		t.Error(diff)
	}
	if err := d.Ping(t.Context()); err != nil {
		t.Errorf("a full disk is no failure of the store: %v", err)
	}
	disk.Free()
	d.waitForWrites()
}

func testFullDeletions(t *testing.T, disk Disk, d *db) {
	d.fillWithKeys(disk)
	for i := range fullKeys {
		if err := d.remove(i, keyring.TakesPower); err != nil {
			t.Fatalf("deletion %d on a full disk: %v", i, err)
		}
	}
	absent(d, "a key that was deleted on a full disk", func(r keyring.Reader) (keyring.APIKey, error) {
		return r.APIKey(t.Context(), "acct_1", "key_0")
	})
	disk.Free()
	d.waitForWrites()
}

// testFullFlood repeats what can be repeated until it is refused, and a deletion still
// goes through.
func testFullFlood(t *testing.T, disk Disk, d *db) {
	d.fillWithKeys(disk)
	for i := 0; ; i++ {
		err := d.Update(t.Context(), "acct_1", func(w keyring.Writer) error {
			w.Mark(keyring.ReplacesPower)
			for range 200 { // as many rotations
				if err := appendNext(d, w, "apikey.rotate"); err != nil {
					return err
				}
			}
			return nil
		})
		if errors.Is(err, keyring.ErrFull) {
			break
		}
		if err != nil || i == 2000 {
			t.Fatalf("flood %d: %v", i, err)
		}
	}
	for i := range fullKeys {
		if err := d.remove(i, keyring.TakesPower); err != nil {
			t.Fatalf("deletion %d after a flood of rotations: %v", i, err)
		}
	}
}

func testFullRestart(t *testing.T, disk Disk, d *db) {
	d.fillWithKeys(disk)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	again := &db{t: t, open: disk.Open, Store: disk.Open(t)}
	if err := again.remove(0, keyring.TakesPower); err != nil {
		t.Errorf("a deletion after a restart on a full disk: %v", err)
	}
}
