package sqlite

import "context"

func (r *reader) PepperChecks(ctx context.Context) (map[int][]byte, error) {
	checks := map[int][]byte{}
	err := r.each(ctx, `SELECT version, digest FROM pepper_checks`, nil, func(scan func(...any) error) error {
		var version int
		var digest []byte
		if err := scan(&version, &digest); err != nil {
			return err
		}
		checks[version] = digest
		return nil
	})
	if err != nil {
		return nil, err
	}
	return checks, nil
}

func (w *writer) InsertPepperCheck(ctx context.Context, version int, digest []byte) error {
	_, err := w.change(ctx, `INSERT INTO pepper_checks (version, digest) VALUES (?, ?)`, version, digest)
	return err
}
