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
	ID       string   `json:"id" doc:"Opaque and unique."`
	Name     string   `json:"name" doc:"What people call it; empty for a caller of a sub-account, which is not told."`
	Platform string   `json:"platform" doc:"The platform whose rules its keys follow."`
	Plan     string   `json:"plan" doc:"The platform's plan, which sets the limits; empty where the platform has none."`
	Standing string   `json:"standing" enum:"open,pending_cancel,past_due,suspended,terminated" doc:"Keys work while it is open or pending_cancel."`
	APIKeys  Usage    `json:"apikeys" doc:"How many API keys there are and may be, without those of sub-accounts; for a caller of a sub-account, those of that one."`
	KeyRules KeyRules `json:"key_rules" doc:"What the platform allows for its keys; for a caller of a sub-account, for the keys of that one."`
	// CustomScopes is a rule of the platform; what the caller may do stands in Caller.
	CustomScopes bool `json:"custom_scopes" doc:"The account may define scopes of its own, beside those of the platform."`
	// Subaccounts is nil where the platform has none, and for a caller of a sub-account.
	Subaccounts     *Usage           `json:"subaccounts" doc:"How many sub-accounts there are and may be; null where the platform has none, and for a caller of a sub-account."`
	SubaccountRules *SubaccountRules `json:"subaccount_rules" doc:"What the platform allows for sub-accounts; null likewise."`
	RequestsHour    *RequestUsage    `json:"requests_hour" doc:"How often the account's keys were let in this hour, and may be; null for no limit."`
	RequestsMonth   *RequestUsage    `json:"requests_month" doc:"The same for this month."`
	Caller          Caller           `json:"caller" doc:"Who is asking."`
	CreatedAt       time.Time        `json:"created_at" doc:"When the account was made."`
	ServerTime      time.Time        `json:"server_time" doc:"The server's clock, which decides what has expired."`
}

// Usage is how much of a limit is used.
type Usage struct {
	Used  int  `json:"used" doc:"How many there are."`
	Limit *int `json:"limit" doc:"How many there may be; null for no limit."`
}

// Caller is the holder of the credential that a request came with.
type Caller struct {
	Kind       string   `json:"kind" enum:"owner,service,apikey" doc:"An owner credential may do everything in its account; a service credential has the rights here and grants nothing."`
	ID         string   `json:"id" doc:"The credential's or the key's id."`
	Rights     []string `json:"rights" nullable:"false" doc:"What it may ask of this API."`
	Subaccount string   `json:"subaccount" doc:"The handle of the sub-account that it is bound to, so that it sees nothing else; empty for none."`
	// ExpiresAt bounds what a key may make or change: nothing that it gives outlives it.
	ExpiresAt *time.Time `json:"expires_at" nullable:"true" doc:"When it stops working, and the latest that a key which it makes, rotates or widens may end; null for never."`
	// SecretExpiresAt is set for the previous secret of a key, which cannot rotate that key.
	SecretExpiresAt *time.Time `json:"secret_expires_at" nullable:"true" doc:"When the secret that the request came with stops working, as a rotation has replaced it; null for the current one. A replaced secret cannot rotate its own key."`
	EffectiveScopes []string   `json:"effective_scopes" nullable:"false" doc:"What it may grant; empty for an owner, who may grant everything, and for a service, which may grant nothing."`
}

// KeyRules are the platform's rules for keys, so that a client can say what will
// be refused before it asks.
type KeyRules struct {
	NameRequired bool      `json:"name_required" doc:"Every key has a name."`
	UniqueNames  bool      `json:"unique_names" doc:"No two keys of an account, or of one sub-account, have the same name."`
	EditScopes   bool      `json:"edit_scopes" doc:"The scopes of a key may change after it was made."`
	FixedScopes  *[]string `json:"fixed_scopes" nullable:"true" doc:"What every key holds, so that scopes may be left out; empty where keys have none, null where they are chosen."`
	Expiry       bool      `json:"expiry" doc:"Keys may have an expires_at."`
	Disable      bool      `json:"disable" doc:"Keys may be turned off and on."`
	Rotate       bool      `json:"rotate" doc:"A key may get a new secret under its id. Where not, a new key takes its place."`
	MaxOverlap   string    `json:"max_overlap" doc:"The longest overlap of a rotation, as a duration; 0s where the old secret always ends at once."`
	OwnerOnly    bool      `json:"owner_only" doc:"Only an owner credential manages these keys."`
	Password     bool      `json:"password" doc:"A key is an API user: a username made for it, and a password that is chosen for it."`
	// SecretFormat and PasswordRules let a client refuse a bad secret before it is sent.
	SecretFormat  *SecretFormat  `json:"secret_format" doc:"What a secret that is chosen for a key must be; null where none can be chosen, and for passwords."`
	PasswordRules *PasswordRules `json:"password_rules" doc:"What a password must be; null where keys have none."`
}

// SecretFormat is how a secret is written: the prefix, the random characters, and where
// there is a checksum the CRC32 of all before it, as 6 characters of base62.
type SecretFormat struct {
	Prefix   string `json:"prefix" doc:"What it begins with."`
	Alphabet string `json:"alphabet" enum:"base62,base64url" doc:"What the random characters are."`
	Length   int    `json:"length" doc:"How many random characters follow."`
	Checksum bool   `json:"checksum" doc:"It ends with the CRC32 of all before that, as 6 characters of base62."`
}

// PasswordRules are what a password must be.
type PasswordRules struct {
	MinLength      int      `json:"min_length" doc:"The fewest characters."`
	NotOnlyLetters bool     `json:"not_only_letters" doc:"At least one character is no letter."`
	Forbidden      []string `json:"forbidden" nullable:"false" doc:"Words that it must not hold, whatever their case."`
}

// SubaccountRules are the platform's rules for sub-accounts.
type SubaccountRules struct {
	Handle      string    `json:"handle" doc:"What a handle must be, in words."`
	Pattern     string    `json:"pattern" doc:"The same as a regular expression, RE2."`
	Generate    bool      `json:"generate" doc:"A handle may be left out and is then made at random."`
	FixedScopes *[]string `json:"fixed_scopes" nullable:"true" doc:"What every key of a sub-account holds; null where they are chosen."`
	APIKeyLimit *int      `json:"apikey_limit" doc:"The most keys that one sub-account may have; null for no limit."`
}

// RequestUsage is how much of a limit on requests is used.
type RequestUsage struct {
	Used    int64     `json:"used" doc:"How many there were."`
	Limit   int64     `json:"limit" doc:"How many there may be."`
	ResetAt time.Time `json:"reset_at" doc:"When the count begins again."`
}
