package api

import (
	"encoding/json"
	"time"
)

// The states of an API key. Only an active one is good for anything.
const (
	StatusActive   = "active"   // good for its effective scopes
	StatusInactive = "inactive" // its owner has turned it off and may turn it on again
	StatusExpired  = "expired"  // past its expires_at; a rotation with a later one renews it
)

// APIKey is one key, without its secret. All times are UTC and whole seconds.
type APIKey struct {
	ID                      string     `json:"id" doc:"Opaque and unique; never used again for another key."`
	Name                    string     `json:"name" doc:"What people call it."`
	Description             string     `json:"description" doc:"What it is for. May be empty."`
	Class                   string     `json:"class" doc:"The class of its scopes; a key never mixes classes."`
	Scopes                  []string   `json:"scopes" nullable:"false" doc:"The scopes it was given, sorted."`
	EffectiveScopes         []string   `json:"effective_scopes" nullable:"false" doc:"What these scopes really grant, all that they imply included, sorted."`
	Enabled                 bool       `json:"enabled" doc:"False while its owner has turned it off."`
	Status                  string     `json:"status" enum:"active,inactive,expired" doc:"Whether it works."`
	ExpiresAt               *time.Time `json:"expires_at" doc:"When it stops working; null for never."`
	SecretHint              string     `json:"secret_hint" doc:"The first characters of the secret, to recognise it by."`
	SecretVersion           int        `json:"secret_version" doc:"1 for the first secret, one more at each rotation."`
	SecretCreatedAt         time.Time  `json:"secret_created_at" doc:"When the current secret was made."`
	PreviousSecretExpiresAt *time.Time `json:"previous_secret_expires_at" doc:"When the previous secret stops working, or stopped; null when the key was never rotated."`
	CreatedAt               time.Time  `json:"created_at" doc:"When the key was made."`
	UpdatedAt               time.Time  `json:"updated_at" doc:"When it last changed."`
	Revision                int64      `json:"revision" doc:"Goes up at each change; its ETag is this number in quotes."`
}

// IssuedAPIKey is the answer to a create or a rotate: the only place where a
// secret is ever shown.
type IssuedAPIKey struct {
	APIKey
	Secret string `json:"secret" doc:"What callers send. Shown in this answer and never again."`
}

// CreateAPIKey asks for a new key.
type CreateAPIKey struct {
	Name        string     `json:"name" doc:"1 to 100 characters, no control characters."`
	Description string     `json:"description,omitempty" doc:"At most 500 characters, no control characters."`
	Scopes      []string   `json:"scopes" nullable:"false" doc:"At least one. Left out never means everything."`
	Enabled     *bool      `json:"enabled,omitempty" nullable:"false" doc:"Default true."`
	ExpiresAt   *time.Time `json:"expires_at,omitempty" nullable:"true" doc:"When it stops working: in the future, whole seconds. Default never."`
}

// UpdateAPIKey changes a key. What is left out stays as it is.
type UpdateAPIKey struct {
	Name        *string      `json:"name,omitempty" nullable:"false" doc:"1 to 100 characters, no control characters."`
	Description *string      `json:"description,omitempty" nullable:"false" doc:"At most 500 characters, no control characters."`
	Scopes      []string     `json:"scopes,omitempty" nullable:"false" doc:"The whole new set, at least one."`
	Enabled     *bool        `json:"enabled,omitempty" nullable:"false" doc:"False turns the key off, true turns it on again."`
	ExpiresAt   NullableTime `json:"expires_at,omitzero" doc:"A new time to stop working, in the future, or null for never. An expired key takes this with a rotation only."`
}

// RotateAPIKey asks for a new secret for a key.
type RotateAPIKey struct {
	Overlap   string       `json:"overlap,omitempty" doc:"How long the old secret stays good, as a duration such as 24h or 30m. Default 0s: it ends at once."`
	ExpiresAt NullableTime `json:"expires_at,omitzero" doc:"A new time for the key to stop working, or null for never. An expired key can only be rotated with one of these."`
}

// NullableTime is a time that a request may leave out (the zero value), set, or
// set to null.
type NullableTime struct {
	Set  bool
	Time *time.Time // nil for null
}

// SetTime returns a NullableTime that sends t, or null when t is nil.
func SetTime(t *time.Time) NullableTime { return NullableTime{Set: true, Time: t} }

// IsZero reports whether it is left out.
func (n NullableTime) IsZero() bool { return !n.Set }

// MarshalJSON writes the time or null.
func (n NullableTime) MarshalJSON() ([]byte, error) { return json.Marshal(n.Time) }

// UnmarshalJSON reads a time or null.
func (n *NullableTime) UnmarshalJSON(text []byte) error {
	n.Set = true
	n.Time = nil
	return json.Unmarshal(text, &n.Time)
}
