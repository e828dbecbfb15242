package backend

import "context"

// Marker is a Backend whose service does not tell the account's id, so that Account.ID is
// empty. What it tells instead are marks: short texts about what the account holds, which
// no other account has. A state that remembers some can tell later whether it is looked at
// with a credential of the same account.
type Marker interface {
	// Marks returns marks of the account, and those of one sub-account where these are
	// not among them, sorted. With anew they are as they are now; else they may be from
	// earlier in this process. None where the caller may not see any.
	Marks(ctx context.Context, subaccount string, anew bool) ([]string, error)
	// MarkOf is the mark of one key of a sub-account among these; empty where the id
	// alone is one.
	MarkOf(marks []string, subaccount, id string) string
}
