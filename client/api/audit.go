package api

import (
	"encoding/json"
	"time"
)

// CallerOperator is the actor of what was done on the server's own machine. It
// holds no credential, so it never is a Caller.
const CallerOperator = "operator"

// Outcomes of an attempt in the audit trail.
const (
	OutcomeAllowed = "allowed"
	OutcomeDenied  = "denied"
)

// AuditEvent is one record of the account's audit trail: a write, or an attempt
// that was denied. It never holds a secret.
type AuditEvent struct {
	Seq        int64           `json:"seq" doc:"Its place in the account's trail: 1 for the first, one more for each next."`
	At         time.Time       `json:"at" doc:"When it happened, by the server's clock."`
	ActorKind  string          `json:"actor_kind" doc:"Who did it: owner, service, apikey, operator for what was done on the server's own machine, or several for a sum over many credentials."`
	Actor      string          `json:"actor" doc:"The id of the credential or the key; empty for the operator."`
	Subaccount string          `json:"subaccount" doc:"The id of the sub-account that it happened in or to; empty for none."`
	RequestID  string          `json:"request_id" doc:"The request, as the server's log has it; empty for the operator."`
	Address    string          `json:"address" doc:"Where the request came from; empty for the operator."`
	Action     string          `json:"action" doc:"What was done or tried, such as apikey.create."`
	Target     string          `json:"target" doc:"The id of what it was done to. May be empty."`
	Outcome    string          `json:"outcome" enum:"allowed,denied" doc:"Whether it was done."`
	Code       Code            `json:"code" doc:"Why it was denied; empty when it was allowed. Of verify.refuse it is the verdict, such as expired."`
	Detail     json.RawMessage `json:"detail" doc:"What changed, by the kind of action. A field of two values has them as from and to. A denial of a credential that does not work has the reason. denial.repeat and verify.refuse say how often (times), since and until when, and from which addresses."`
	Hash       string          `json:"hash" doc:"The record's SHA-256 in hexadecimal, over all its fields and the hash before it."`
	PrevHash   string          `json:"prev_hash" doc:"The hash of the record before it; empty for the first of all."`
}
