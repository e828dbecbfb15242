package storetest

import (
	"testing"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func answer(account, id string, created int) keyring.IdempotencyRecord {
	return keyring.IdempotencyRecord{Account: account, ID: digest(id), Request: digest("request of " + id), Answer: []byte("\x00\xff sealed " + id), CreatedAt: at(created)}
}

func (d *db) answer(account, id string) keyring.IdempotencyRecord {
	d.t.Helper()
	return read(d, func(r keyring.Reader) (keyring.IdempotencyRecord, error) {
		return r.IdempotencyRecord(d.t.Context(), account, digest(id))
	})
}

func (d *db) noAnswer(id string) {
	d.t.Helper()
	absent(d, id, func(r keyring.Reader) (keyring.IdempotencyRecord, error) {
		return r.IdempotencyRecord(d.t.Context(), "acct_1", digest(id))
	})
}

func (d *db) keep(records ...keyring.IdempotencyRecord) {
	d.t.Helper()
	for _, one := range records {
		d.update(one.Account, func(w keyring.Writer) error { return w.InsertIdempotencyRecord(d.t.Context(), one) })
	}
}

func testIdempotency(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	d.noAnswer("one")
	other := answer("acct_2", "one", 2) // the same id in another account is another request
	other.Answer = []byte("another")
	d.keep(answer("acct_1", "one", 1), other)
	same(t, d.answer("acct_1", "one"), answer("acct_1", "one", 1))
	same(t, d.answer("acct_2", "one"), other)
	d.noAnswer("two")
	again := answer("acct_1", "one", 3)
	again.Answer = []byte("changed")
	d.refused(keyring.ErrDuplicate, "acct_1", func(w keyring.Writer) error { return w.InsertIdempotencyRecord(ctx, again) })
	same(t, d.answer("acct_1", "one"), answer("acct_1", "one", 1))
}

func testIdempotencyDelete(t *testing.T, d *db) {
	ctx := t.Context()
	d.seed("acct_1", "acct_2")
	d.keep(answer("acct_1", "old", 1), answer("acct_1", "at", 5), answer("acct_1", "new", 6), answer("acct_2", "old", 1))
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteIdempotencyRecordsBefore(ctx, "acct_1", at(5), 9) })
	d.noAnswer("old")
	d.answer("acct_1", "at")
	d.answer("acct_1", "new")
	d.answer("acct_2", "old")
	d.keep(answer("acct_1", "newer", 4), answer("acct_1", "oldest", 2), answer("acct_1", "older", 3))
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteIdempotencyRecordsBefore(ctx, "acct_1", at(5), 2) })
	d.noAnswer("oldest")
	d.noAnswer("older")
	d.answer("acct_1", "newer")
	for range 2 { // the second time it is gone
		d.update("acct_1", func(w keyring.Writer) error { return w.DeleteIdempotencyRecord(ctx, "acct_1", digest("newer")) })
		d.noAnswer("newer")
	}
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteIdempotencyRecord(ctx, "acct_1", digest("old")) })
	d.answer("acct_2", "old")
	d.update("acct_1", func(w keyring.Writer) error { return w.DeleteIdempotencyRecordsBefore(ctx, "acct_1", at(5), 9) }) // none is left
}
