package keyring

import "context"

// Trail reads the audit trails of all accounts straight from their store, for the
// operator. It needs neither peppers nor platforms: a copy of the database is
// enough to prove what is in it.
type Trail struct{ store Store }

// NewTrail returns the trails in a store.
func NewTrail(store Store) Trail { return Trail{store} }

func (t Trail) view(ctx context.Context, fn func(Reader) error) error {
	return coded(t.store.View(ctx, fn))
}

// Accounts returns all accounts.
func (t Trail) Accounts(ctx context.Context) ([]Account, error) {
	var all []Account
	err := t.view(ctx, func(r Reader) error {
		var err error
		all, err = r.Accounts(ctx)
		return err
	})
	return all, err
}

// Account returns the account of that id, or an error that names the nearest.
func (t Trail) Account(ctx context.Context, id string) (Account, error) {
	var a Account
	err := t.view(ctx, func(r Reader) error {
		var err error
		a, err = findAccount(ctx, r, id)
		return err
	})
	return a, err
}

// AuditEvents is Keyring.AuditEvents for any account.
func (t Trail) AuditEvents(ctx context.Context, account string, in AuditFilter) ([]AuditEvent, string, error) {
	var events []AuditEvent
	var next string
	err := t.view(ctx, func(r Reader) error {
		var err error
		events, next, err = auditPage(ctx, r, account, in)
		return err
	})
	return events, next, err
}
