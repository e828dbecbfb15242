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
)

// VerifyRequest asks whether a secret is good for some scopes now.
type VerifyRequest struct {
	Secret string   `json:"secret" doc:"What the caller sent."`
	Scopes []string `json:"scopes,omitempty" nullable:"false" doc:"What it needs; empty asks only whether the key works at all."`
}

// Verification is the answer. It is 200 whatever the verdict is: the question was
// answered.
type Verification struct {
	Valid           bool       `json:"valid" doc:"Whether to let the caller in."`
	Code            string     `json:"code" enum:"valid,invalid,inactive,expired,account_standing,missing_scope" doc:"Why."`
	Status          int        `json:"status" doc:"The HTTP status to answer the caller with: 200, 401 or 403."`
	APIKeyID        string     `json:"apikey_id,omitempty" doc:"The key; absent when invalid."`
	Name            string     `json:"name,omitempty" doc:"The key's name; absent when invalid."`
	AccountID       string     `json:"account_id,omitempty" doc:"The account; absent when invalid."`
	EffectiveScopes []string   `json:"effective_scopes,omitempty" nullable:"false" doc:"All that the key grants; absent when invalid."`
	MissingScopes   []string   `json:"missing_scopes,omitempty" nullable:"false" doc:"What was asked for and is not granted."`
	ExpiresAt       *time.Time `json:"expires_at,omitempty" doc:"When the secret that was sent stops working, by the key's expiry or the end of its overlap."`
}
