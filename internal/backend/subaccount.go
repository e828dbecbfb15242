package backend

import (
	"context"
	"time"
)

// Subaccounts are the sub-accounts of the account.
type Subaccounts interface {
	Get(ctx context.Context, handle string) (Subaccount, error)
	List(ctx context.Context, filter SubaccountFilter) ([]Subaccount, error)
	Create(ctx context.Context, in SubaccountInput) (Subaccount, error)
	// Update changes what is not nil. The sub-account must still have that
	// revision; 0 asks for none.
	Update(ctx context.Context, handle string, in SubaccountChange, revision int64) (Subaccount, error)
	// Delete removes a sub-account. One that has keys is removed together
	// with them, or not at all. One that is gone already is ErrNotFound.
	Delete(ctx context.Context, handle string, withKeys bool) error
	// Usage tells how many messages a sub-account sent in this period. It is
	// ErrUnsupported where the service does not count them.
	Usage(ctx context.Context, handle string) (SubaccountUsage, error)
}

// Subaccount is a child of the account, with keys of its own.
type Subaccount struct {
	ID          string
	Handle      string
	Name        string
	Status      string // one of those below
	APIKeyLimit *int   // its own; nil for the platform's
	Keys        int    // how many it has
	KeyLimit    *int   // how many it may have after all; nil for no limit
	CreatedAt   time.Time
	Revision    int64
	Email       string // empty where the service holds none
	SendLimit   *int64 // messages a period; nil for none of its own
}

// SubaccountUsage is how many messages a sub-account sent in a period. Dates are the
// service's, in YYYY-MM-DD.
type SubaccountUsage struct {
	Sent        int64
	Limit       *int64 // nil where there is none or the service does not tell
	PeriodStart string
	PeriodEnd   string
}

// The states of a sub-account. Its keys work in the first one only.
const (
	SubaccountActive    = "active"
	SubaccountSuspended = "suspended"
)

// SubaccountFilter selects sub-accounts. A field that is empty selects all.
type SubaccountFilter struct {
	HandlePrefix string
	Status       string
	Limit        int // this many are enough, and a backend may return more; 0 for all
}

// SubaccountInput asks for a sub-account.
type SubaccountInput struct {
	Handle      string // empty for one that is made at random, where the platform allows that
	Name        string
	Status      string
	APIKeyLimit *int
	Email       string
	IPAddresses []string
	SendLimit   *int64
}

// SubaccountChange changes a sub-account. What is nil stays as it is.
type SubaccountChange struct {
	Name        *string
	Status      *string
	APIKeyLimit *Limit
	IPAddresses []string
	SendLimit   *SendLimit
}

// Empty reports whether the change changes nothing.
func (c SubaccountChange) Empty() bool {
	return c.Name == nil && c.Status == nil && c.APIKeyLimit == nil && c.IPAddresses == nil && c.SendLimit == nil
}

// Limit is a new limit: a number, or the platform's.
type Limit struct{ Most *int }

// SendLimit is a new limit of messages a period: a number, or none.
type SendLimit struct{ Most *int64 }
