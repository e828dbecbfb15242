package api

// Code names one kind of failure. Codes are stable: a program may branch on
// them, and a new release never gives an old code a new meaning.
type Code string

// The codes, and the HTTP status that each is answered with.
const (
	CodeInvalidRequest       Code = "invalid_request"         // 400: not JSON, a bad header or query parameter
	CodeMissingCredential    Code = "missing_credential"      // 401: no credential was sent
	CodeInvalidCredential    Code = "invalid_credential"      // 401: malformed, unknown, deleted, inactive or expired
	CodeForbidden            Code = "forbidden"               // 403: the caller lacks a right
	CodeGrantExceedsCaller   Code = "grant_exceeds_caller"    // 403: the key would hold more than the caller does
	CodeSecretReplaced       Code = "secret_replaced"         // 403: the secret that was sent is the previous one of its key, and may not rotate that key
	CodeAccountStanding      Code = "account_standing"        // 403: the account is not in good standing
	CodeNotFound             Code = "not_found"               // 404: there is no such key, scope or account
	CodeNoSuchPath           Code = "no_such_path"            // 404: the API has no such path, as with a wrong base URL
	CodeMethodNotAllowed     Code = "method_not_allowed"      // 405
	CodeNameTaken            Code = "name_taken"              // 409: another key, or scope, has that name
	CodeKeyExpired           Code = "key_expired"             // 409: an expired key is renewed by rotation only
	CodeLimitReached         Code = "limit_reached"           // 409: no more keys, sub-accounts or scopes fit
	CodeInUse                Code = "in_use"                  // 409: others depend on it; see the fields
	CodeHandleTaken          Code = "handle_taken"            // 409: another sub-account has that handle
	CodeScopeBuiltin         Code = "scope_builtin"           // 409: the platform defines that scope
	CodeStaleRevision        Code = "stale_revision"          // 412: changed since it was read
	CodeBodyTooLarge         Code = "body_too_large"          // 413
	CodeUnsupportedMediaType Code = "unsupported_media_type"  // 415
	CodeValidationFailed     Code = "validation_failed"       // 422: see the fields
	CodeUnsupported          Code = "unsupported_by_platform" // 422: the platform has no such thing; see the fields
	CodeIdempotencyKeyReused Code = "idempotency_key_reused"  // 422: sent before with another request
	CodeRateLimited          Code = "rate_limited"            // 429
	CodeInternal             Code = "internal"                // 500
	CodeStorageUnavailable   Code = "storage_unavailable"     // 503
	CodeStopping             Code = "stopping"                // 503: the server is asked to stop; only /readyz says so
	CodeStorageFull          Code = "storage_full"            // 507: nothing was written
)

// FieldError says what is wrong with one field of a request.
type FieldError struct {
	Field   string `json:"field" doc:"The field at fault, such as scopes or scopes[2], or the name of a header or query parameter."`
	Message string `json:"message" doc:"What is wrong with it and what to send instead."`
}

// Problem is the body of every error answer (RFC 9457, application/problem+json).
type Problem struct {
	Type      string       `json:"type" doc:"Always about:blank; code tells the kinds apart."`
	Title     string       `json:"title" doc:"The HTTP status in words."`
	Status    int          `json:"status" doc:"The HTTP status."`
	Code      Code         `json:"code" doc:"The stable name of this kind of failure."`
	Detail    string       `json:"detail" doc:"What happened and what to do, for a person."`
	RequestID string       `json:"request_id" doc:"Names this request in the server's log."`
	Errors    []FieldError `json:"errors,omitempty" nullable:"false" doc:"The fields at fault."`
}
