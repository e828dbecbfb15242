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
	StatusLocked   = "locked"   // too many wrong passwords; an unlock lets it work again
)

// APIKey is one key, without its secret. All times are UTC and whole seconds.
type APIKey struct {
	ID                      string     `json:"id" doc:"Opaque and unique; never used again for another key."`
	Subaccount              string     `json:"subaccount" doc:"The handle of the sub-account that it belongs to; empty for a key of the account itself."`
	Name                    string     `json:"name" doc:"What people call it. Empty only where the platform's keys need no name."`
	Username                string     `json:"username" doc:"What its holder signs in with, beside the password; empty where keys are no API users."`
	Description             string     `json:"description" doc:"What it is for. May be empty."`
	Class                   string     `json:"class" doc:"The class of its scopes; a key never mixes classes."`
	Scopes                  []string   `json:"scopes" nullable:"false" doc:"The scopes it was given, sorted."`
	EffectiveScopes         []string   `json:"effective_scopes" nullable:"false" doc:"What these scopes really grant, all that they imply included, sorted."`
	AutomaticScopes         []string   `json:"automatic_scopes" nullable:"false" doc:"What the service adds by itself. Nobody asks for these, and no key is judged by them."`
	Enabled                 bool       `json:"enabled" doc:"False while its owner has turned it off."`
	Status                  string     `json:"status" enum:"active,inactive,expired,locked" doc:"Whether it works."`
	ExpiresAt               *time.Time `json:"expires_at" doc:"When it stops working; null for never."`
	SecretHint              string     `json:"secret_hint" doc:"The first characters of the secret, to recognise it by; empty for a password."`
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
	Secret Secret `json:"secret,omitzero" doc:"What callers send. Shown in this answer and never again; absent when the request chose it."`
}

// CreateAPIKey asks for a new key.
type CreateAPIKey struct {
	Name        string   `json:"name,omitempty" doc:"1 to 100 characters, no control characters. May be left out only where the platform's keys need no name."`
	Description string   `json:"description,omitempty" doc:"At most 500 characters, no control characters."`
	Scopes      []string `json:"scopes,omitempty" nullable:"false" doc:"At least one, here or by access or preset. Left out never means everything; it may be where the platform fixes the scopes, or has none."`
	// Access and Preset add to Scopes.
	Access map[string]string `json:"access,omitempty" nullable:"false" doc:"Groups of scopes by level, such as {\"mail\":\"full\",\"stats\":\"read\"}; none, read or full. They are added to scopes."`
	Preset string            `json:"preset,omitempty" doc:"A set of scopes that the platform advises for one use. They are added to scopes."`
	// Secret is sent to the server, and never comes back.
	Secret    Secret     `json:"secret,omitzero" doc:"A secret that the caller chose: a password where keys are API users, else one in the platform's format. Default: one is made, and shown in the answer."`
	Enabled   *bool      `json:"enabled,omitempty" nullable:"false" doc:"Default true."`
	ExpiresAt *time.Time `json:"expires_at,omitempty" nullable:"true" doc:"When it stops working: in the future, whole seconds. Default never."`
}

// UpdateAPIKey changes a key. What is left out stays as it is.
type UpdateAPIKey struct {
	Name        *string  `json:"name,omitempty" nullable:"false" doc:"1 to 100 characters, no control characters."`
	Description *string  `json:"description,omitempty" nullable:"false" doc:"At most 500 characters, no control characters."`
	Scopes      []string `json:"scopes,omitempty" nullable:"false" doc:"The whole new set, at least one, together with access and preset."`
	// Access and Preset add to Scopes.
	Access    map[string]string `json:"access,omitempty" nullable:"false" doc:"Groups of scopes by level: none, read or full."`
	Preset    string            `json:"preset,omitempty" doc:"A set of scopes that the platform advises for one use."`
	Enabled   *bool             `json:"enabled,omitempty" nullable:"false" doc:"False turns the key off, true turns it on again."`
	ExpiresAt NullableTime      `json:"expires_at,omitzero" doc:"A new time to stop working, in the future, or null for never. An expired key takes this with a rotation only."`
}

// RotateAPIKey asks for a new secret for a key.
type RotateAPIKey struct {
	Overlap   string       `json:"overlap,omitempty" doc:"How long the old secret stays good, as a duration such as 24h or 30m. Default 0s: it ends at once."`
	Secret    Secret       `json:"secret,omitzero" doc:"The new secret, when the caller chose it. Default: one is made, and shown in the answer."`
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
