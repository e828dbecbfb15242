package api

import "time"

// The standings of an account. Its keys work in the first two.
const (
	StandingOpen          = "open"
	StandingPendingCancel = "pending_cancel"
	StandingPastDue       = "past_due"
	StandingSuspended     = "suspended"
	StandingTerminated    = "terminated"
)

// Kinds of caller.
const (
	CallerOwner   = "owner"   // may do everything in its account
	CallerService = "service" // a credential of the account that has some rights only, and grants nothing
	CallerAPIKey  = "apikey"
)

// Account is the account that the caller's credential belongs to.
type Account struct {
	ID         string    `json:"id" doc:"Opaque and unique."`
	Name       string    `json:"name" doc:"What people call it."`
	Platform   string    `json:"platform" doc:"The platform whose rules its keys follow."`
	Plan       string    `json:"plan" doc:"The platform's plan, which sets the limits; empty where the platform has none."`
	Standing   string    `json:"standing" enum:"open,pending_cancel,past_due,suspended,terminated" doc:"Keys work while it is open or pending_cancel."`
	APIKeys    Usage     `json:"apikeys" doc:"How many API keys there are and may be."`
	KeyRules   KeyRules  `json:"key_rules" doc:"What the platform allows for its keys."`
	Caller     Caller    `json:"caller" doc:"Who is asking."`
	CreatedAt  time.Time `json:"created_at" doc:"When the account was made."`
	ServerTime time.Time `json:"server_time" doc:"The server's clock, which decides what has expired."`
}

// Usage is how much of a limit is used.
type Usage struct {
	Used  int  `json:"used" doc:"How many there are."`
	Limit *int `json:"limit" doc:"How many there may be; null for no limit."`
}

// Caller is the holder of the credential that a request came with.
type Caller struct {
	Kind            string   `json:"kind" enum:"owner,service,apikey" doc:"An owner credential may do everything in its account; a service credential has the rights here and grants nothing."`
	ID              string   `json:"id" doc:"The credential's or the key's id."`
	Rights          []string `json:"rights" nullable:"false" doc:"What it may ask of this API."`
	EffectiveScopes []string `json:"effective_scopes" nullable:"false" doc:"What it may grant; empty for an owner, who may grant everything, and for a service, which may grant nothing."`
}

// KeyRules are the platform's rules for keys, so that a client can say what will
// be refused before it asks.
type KeyRules struct {
	UniqueNames bool   `json:"unique_names" doc:"No two keys of an account have the same name."`
	EditScopes  bool   `json:"edit_scopes" doc:"The scopes of a key may change after it was made."`
	Expiry      bool   `json:"expiry" doc:"Keys may have an expires_at."`
	Disable     bool   `json:"disable" doc:"Keys may be turned off and on."`
	MaxOverlap  string `json:"max_overlap" doc:"The longest overlap of a rotation, as a duration; 0s where the old secret always ends at once."`
}
