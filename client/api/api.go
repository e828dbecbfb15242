// Package api is what goes over the wire between Postern's server and its
// clients: requests, answers and error codes. Both sides use these types, so
// they cannot drift apart. It needs the standard library only.
package api

// Names of headers that both sides use.
const (
	HeaderAPIKey         = "X-API-Key"
	HeaderIdempotencyKey = "Idempotency-Key"
	HeaderRequestID      = "X-Request-Id"
	HeaderRetryAfter     = "Retry-After"
	// HeaderAuthorize carries the gateway's own credential on
	// /v1/authorize, where X-API-Key and Authorization belong to the caller
	// whom the gateway asks about.
	HeaderAuthorize = "Postern-Credential"
	// HeaderReason tells a gateway on /v1/authorize why somebody was refused: its caller, or
	// itself.
	HeaderReason = "Postern-Reason"
)

// MaxBody is the largest request body that the server reads, in bytes.
const MaxBody = 64 << 10

// MaxPageSize is the most items that a page holds.
const MaxPageSize = 500

// Page is one page of a list.
type Page[T any] struct {
	Items      []T    `json:"items" nullable:"false" doc:"At most as many as limit asked for."`
	NextCursor string `json:"next_cursor,omitempty" doc:"Pass it as cursor for the next page; absent on the last one. With filters, a page before the last one may hold fewer items than its limit, even none."`
}
