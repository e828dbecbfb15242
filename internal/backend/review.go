package backend

import (
	"context"
	"time"
)

// Review is what a review of keys asks, beside what a plan does. What it returns
// changes by itself: it belongs in data sources, never in resources.
type Review interface {
	// AccountNow is the account at this moment. It is asked for each time.
	AccountNow(ctx context.Context) (AccountDetail, error)
	// APIKeyUsage tells how a key of the sub-account with that handle, or with ""
	// of the account itself, was used during the last days, today included; 0
	// leaves their number to the service.
	APIKeyUsage(ctx context.Context, subaccount, id string, days int) (APIKeyUsage, error)
}

// AccountDetail is the account with all that the service tells of it.
type AccountDetail struct {
	ID            string
	Name          string // empty for a caller of a sub-account
	Platform      string
	Plan          string // empty where the platform has none
	Standing      string
	APIKeys       Quota
	Subaccounts   *Quota // nil where there are none
	RequestsHour  *Quota // nil for no limit
	RequestsMonth *Quota
	CustomScopes  bool // accounts define scopes of their own
	CallerKind    string
	CallerID      string
	Rights        []string
	Scopes        []string // what the caller may grant unless it is an owner
	Subaccount    string   // the one that the caller is bound to; empty for none
	CreatedAt     time.Time
}

// Quota is how much of a limit is used.
type Quota struct {
	Used  int64
	Limit *int64 // nil for none
}

// APIKeyUsage is how often a key was let in. Times are UTC; nil for never.
type APIKeyUsage struct {
	LastUsedAt    *time.Time
	Since         string    // the first day that counts
	ObservedSince time.Time // the start of that day, or when the key was made
	Scopes        []ScopeUsage
	UnusedScopes  []string // what the key grants and nobody asked for since then
}

// ScopeUsage is how often one scope of a key was asked for and granted.
type ScopeUsage struct {
	Scope      string // empty for requests that asked for none
	Uses       int64
	LastUsedAt *time.Time
}
