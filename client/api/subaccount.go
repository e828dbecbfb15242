package api

import (
	"encoding/json"
	"time"
)

// The states of a sub-account. Its keys work in the first one only.
const (
	SubaccountActive    = "active"
	SubaccountSuspended = "suspended"
)

// Subaccount is a child of the account, with keys of its own.
type Subaccount struct {
	ID          string    `json:"id" doc:"Opaque and unique; never used again for another sub-account."`
	Handle      string    `json:"handle" doc:"Names it in paths. Unique in the account."`
	Name        string    `json:"name" doc:"What people call it."`
	Status      string    `json:"status" enum:"active,suspended" doc:"Its keys work while it is active and the account is in good standing."`
	APIKeyLimit *int      `json:"apikey_limit" doc:"How many keys it may have by its own limit; null for the platform's."`
	APIKeys     Usage     `json:"apikeys" doc:"How many keys it has and may have."`
	CreatedAt   time.Time `json:"created_at" doc:"When it was made."`
	UpdatedAt   time.Time `json:"updated_at" doc:"When it last changed."`
	Revision    int64     `json:"revision" doc:"Goes up at each change; its ETag is this number in quotes."`
}

// CreateSubaccount asks for a new sub-account.
type CreateSubaccount struct {
	Handle      string `json:"handle,omitempty" doc:"Names it in paths; never changes. Where the platform allows it, left out for one made at random."`
	Name        string `json:"name" doc:"1 to 128 characters, no control characters."`
	Status      string `json:"status,omitempty" enum:"active,suspended" doc:"Default active."`
	APIKeyLimit *int   `json:"apikey_limit,omitempty" nullable:"true" doc:"How many keys it may have, at most what the platform allows. Default the platform's limit."`
}

// UpdateSubaccount changes a sub-account. What is left out stays as it is.
type UpdateSubaccount struct {
	Name        *string     `json:"name,omitempty" nullable:"false" doc:"1 to 128 characters, no control characters."`
	Status      *string     `json:"status,omitempty" nullable:"false" enum:"active,suspended" doc:"suspended stops all of its keys at once, active lets them work again."`
	APIKeyLimit NullableInt `json:"apikey_limit,omitzero" doc:"How many keys it may have, or null for the platform's limit. Keys that it has already stay."`
}

// NullableInt is a number that a request may leave out (the zero value), set, or
// set to null.
type NullableInt struct {
	Set bool
	Int *int // nil for null
}

// SetInt returns a NullableInt that sends n, or null when n is nil.
func SetInt(n *int) NullableInt { return NullableInt{Set: true, Int: n} }

// IsZero reports whether it is left out.
func (n NullableInt) IsZero() bool { return !n.Set }

// MarshalJSON writes the number or null.
func (n NullableInt) MarshalJSON() ([]byte, error) { return json.Marshal(n.Int) }

// UnmarshalJSON reads a number or null.
func (n *NullableInt) UnmarshalJSON(text []byte) error {
	n.Set = true
	n.Int = nil
	return json.Unmarshal(text, &n.Int)
}
