package sqlite

import (
	"context"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func (r *reader) IdempotencyRecord(ctx context.Context, account string, id []byte) (keyring.IdempotencyRecord, error) {
	var i keyring.IdempotencyRecord
	var created int64
	err := r.one(ctx, `SELECT account, id, request, answer, created_at FROM idempotency_records WHERE account = ? AND id = ?`, account, id)(
		&i.Account, &i.ID, &i.Request, &i.Answer, &created)
	i.CreatedAt = utc(created)
	return found(i, err)
}

func (w *writer) InsertIdempotencyRecord(ctx context.Context, i keyring.IdempotencyRecord) error {
	return w.must(ctx, `INSERT INTO idempotency_records (account, id, request, answer, created_at) VALUES (?, ?, ?, ?, ?)`,
		i.Account, i.ID, i.Request, i.Answer, micros(i.CreatedAt))
}

func (w *writer) DeleteIdempotencyRecordsBefore(ctx context.Context, account string, at time.Time, limit int) error {
	const oldest = `SELECT id FROM idempotency_records WHERE account = ?1 AND created_at < ?2 ORDER BY created_at LIMIT ?3`
	_, err := w.change(ctx, `DELETE FROM idempotency_records WHERE account = ?1 AND id IN (`+oldest+`)`, account, micros(at), limit)
	return err
}

func (w *writer) DeleteIdempotencyRecord(ctx context.Context, account string, id []byte) error {
	_, err := w.change(ctx, `DELETE FROM idempotency_records WHERE account = ? AND id = ?`, account, id)
	return err
}
