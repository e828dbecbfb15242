package sqlite

import (
	"context"
	"time"
)

func (r *reader) RecordedTime(ctx context.Context) (time.Time, error) {
	var newest int64
	err := r.one(ctx, `SELECT newest FROM recorded_time`)(&newest)
	if err != nil || newest == 0 {
		return time.Time{}, err
	}
	return utc(newest), nil
}

func (w *writer) RaiseRecordedTime(ctx context.Context, at time.Time) error {
	return w.must(ctx, `UPDATE recorded_time SET newest = max(newest, ?)`, micros(at))
}

func (w *writer) SetRecordedTime(ctx context.Context, at time.Time) error {
	return w.must(ctx, `UPDATE recorded_time SET newest = ?`, micros(at))
}
