package api

import "time"

// The codes of a verification.
const (
	VerifyValid           = "valid"
	VerifyInvalid         = "invalid"          // malformed, unknown or deleted, which are not told apart
	VerifyInactive        = "inactive"         // turned off
	VerifyExpired         = "expired"          // past its expires_at
	VerifyAccountStanding = "account_standing" // the account is not in good standing
	VerifyMissingScope    = "missing_scope"    // good, but not for this

	VerifySubaccountSuspended = "subaccount_suspended" // the key's sub-account is suspended
	VerifyLocked              = "locked"               // too many wrong passwords
	VerifyRateLimited         = "rate_limited"         // the account's requests of this hour are used up, or too many of its passwords wait to be checked
	VerifyQuotaExceeded       = "quota_exceeded"       // those of this month
	VerifyBlocked             = "blocked"              // too many keys from this address were not valid
)

// VerifyRequest asks whether a secret is good for some scopes now.
type VerifyRequest struct {
	Secret   Secret `json:"secret" doc:"What the caller sent: a key, or a password."`
	Username string `json:"username,omitempty" doc:"The username that came with a password; absent for a key."`
	// ClientAddress is the caller's, as the gateway saw it.
	ClientAddress string   `json:"client_address,omitempty" doc:"The IP address that the caller came from. Without it, no address is ever blocked."`
	Scopes        []string `json:"scopes,omitempty" nullable:"false" doc:"What it needs; empty asks only whether the key works at all."`
}

// Verification is the answer. It is 200 whatever the verdict is: the question was
// answered.
type Verification struct {
	Valid           bool       `json:"valid" doc:"Whether to let the caller in."`
	Code            string     `json:"code" enum:"valid,invalid,inactive,expired,locked,account_standing,subaccount_suspended,missing_scope,rate_limited,quota_exceeded,blocked" doc:"Why."`
	Status          int        `json:"status" doc:"The HTTP status to answer the caller with: 200, 401, 403 or 429."`
	APIKeyID        string     `json:"apikey_id,omitempty" doc:"The key; absent when invalid."`
	Name            string     `json:"name,omitempty" doc:"The key's name; absent when invalid."`
	Subaccount      string     `json:"subaccount,omitempty" doc:"The handle of the key's sub-account; absent when it has none."`
	AccountID       string     `json:"account_id,omitempty" doc:"The account; absent when invalid."`
	EffectiveScopes []string   `json:"effective_scopes,omitempty" nullable:"false" doc:"All that the key grants; absent when invalid."`
	MissingScopes   []string   `json:"missing_scopes,omitempty" nullable:"false" doc:"What was asked for and is not granted."`
	RetryAfter      int64      `json:"retry_after,omitempty" doc:"After how many seconds to try again; with the status 429."`
	Requests        *Requests  `json:"requests,omitempty" doc:"What is left of the account's requests; absent where nothing limits them."`
	ExpiresAt       *time.Time `json:"expires_at,omitempty" doc:"When the secret that was sent stops working, by the key's expiry or the end of its overlap."`
}

// Requests is what is left of an account's requests.
type Requests struct {
	Hour  *RequestUsage `json:"hour,omitempty" doc:"This hour's; absent for no limit."`
	Month *RequestUsage `json:"month,omitempty" doc:"This month's; absent for no limit."`
}
