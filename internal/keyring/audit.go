package keyring

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// Outcomes of an audited attempt.
const (
	OutcomeAllowed = "allowed"
	OutcomeDenied  = "denied"
)

// ActorOperator is whoever works on the server's own machine, by command or by
// what the server is set to.
const ActorOperator = "operator"

// AuditEvent is one record of the audit trail. The records of an account form a
// chain: each holds the hash of the one before it.
type AuditEvent struct {
	Account   string
	Seq       int64 // 1 for the first, one more for each next
	At        time.Time
	ActorKind string // api.CallerOwner, api.CallerAPIKey or ActorOperator
	Actor     string
	RequestID string
	Address   string
	Action    string // such as apikey.create
	Target    string // the id of what it was done to
	// Subaccount is the id of the sub-account that it happened in or to. It is left
	// out of the hash when empty, as records from before it was there have none.
	Subaccount string `json:",omitempty"`
	Outcome    string // OutcomeAllowed or OutcomeDenied
	Code       string // why it was denied
	Detail     []byte // a JSON object: what changed; never a secret
	PrevHash   []byte
	Hash       []byte
}

// event is what a write says about itself.
type event struct {
	Action     string
	Target     string
	Subaccount string // the id of the one that it happened to; else that where the caller works
	Detail     map[string]any
	denial     *Error
}

// change is a field's value before and after, in an event's detail.
type change struct {
	From any `json:"from"`
	To   any `json:"to"`
}

func operator(account string) Caller {
	return Caller{Account: Account{ID: account}, Kind: ActorOperator}
}

// record adds the event to its account's chain, in the transaction of what it
// tells about: without the record there is no write.
func (k *Keyring) record(ctx context.Context, w Writer, who Caller, e event) error {
	head, err := w.AuditHead(ctx, who.Account.ID)
	if err != nil {
		return fmt.Errorf("reading the audit trail: %w", err)
	}
	if !slices.Contains(auditActions, e.Action) {
		return fmt.Errorf("the action %q is not in the list that the audit trail can be searched by; add it to auditActions", e.Action)
	}
	if e.Detail == nil {
		e.Detail = map[string]any{}
	}
	detail, err := json.Marshal(e.Detail)
	if err != nil {
		return fmt.Errorf("encoding an audit record: %w", err)
	}
	a := AuditEvent{
		Account: who.Account.ID, Seq: head.Seq + 1, At: k.Now().Truncate(time.Microsecond),
		ActorKind: who.Kind, Actor: who.ID, RequestID: who.origin.RequestID, Address: who.origin.Address,
		Action: e.Action, Target: e.Target, Subaccount: e.Subaccount, Outcome: OutcomeAllowed, Detail: detail, PrevHash: head.Hash,
	}
	switch {
	case a.Subaccount != "":
	case who.place != nil:
		a.Subaccount = who.place.ID
	case who.Subaccount != nil:
		a.Subaccount = who.Subaccount.ID
	}
	if e.denial != nil {
		a.Outcome, a.Code = OutcomeDenied, string(e.denial.Code)
	}
	a.Hash = a.hash()
	if err := w.AppendAudit(ctx, a); err != nil {
		return fmt.Errorf("writing the audit trail: %w", err)
	}
	return nil
}

// recordTimeout bounds how long a denial waits for its record.
const recordTimeout = 2 * time.Second

// denied records err when it is a denial of someone we know, and returns it. Denials that
// repeat are counted, for FlushDenials: see denials. An unknown credential has no
// account whose trail could hold it, and is counted for the log.
//
// The record has a context of its own: who leaves early is recorded all the same. One
// that cannot be written changes nothing about the answer, which would tell that the
// credential exists: the log says so, and it stays counted.
func (k *Keyring) denied(ctx context.Context, who Caller, action, target string, err error) error {
	denial, ok := errors.AsType[*Error](err)
	if !ok {
		return err
	}
	switch denial.Code {
	case api.CodeForbidden, api.CodeGrantExceedsCaller, api.CodeSecretReplaced, api.CodeAccountStanding, api.CodeInvalidCredential:
	default:
		return err
	}
	now := k.Now()
	if who.Account.ID == "" {
		k.strangers.note(who.origin.Address, now)
		return err
	}
	if !isID(target) && (who.platform == nil || !who.platform.IsKeyID(target)) {
		target = ""
	}
	account, key := who.Account.ID, sumKey{action: actionRepeat, actor: who.ID}
	what := refused{action: action, code: string(denial.Code), reason: denial.reason, target: target, address: who.origin.Address}
	if !k.denials.denied(account, key, who, what, now) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if failed := k.recordDenial(ctx, who, action, target, denial); failed != nil {
		k.log.Error("a denial is not recorded yet; it is counted for the next time", "account", account, "request_id", who.origin.RequestID, "cause", Cause(failed))
		k.denials.count(account, key, who, what, now)
	}
	return err
}

func (k *Keyring) recordDenial(ctx context.Context, who Caller, action, target string, denial *Error) error {
	var detail map[string]any
	if denial.reason != "" {
		detail = map[string]any{"reason": denial.reason}
	}
	return k.update(ctx, who.Account.ID, func(w Writer) error {
		asked, err := askedFor(ctx, w, who)
		if err != nil {
			return err
		}
		return k.record(ctx, w, who, event{Action: action, Target: target, Subaccount: asked, Detail: detail, denial: denial})
	})
}

// askedFor is the id of the sub-account that the caller has asked for, so that its
// records show who was turned away; empty when there is none of that handle. Whoever
// is bound to a sub-account is turned away in that one.
func askedFor(ctx context.Context, r Reader, who Caller) (string, error) {
	if who.handle == "" || who.Subaccount != nil || who.platform == nil {
		return "", nil
	}
	found, err := findSubaccount(ctx, r, who, who.handle, nil)
	if _, refused := errors.AsType[*Error](err); refused {
		return "", nil
	}
	return found.ID, err
}

// hash is SHA-256 over the hash before it and all other fields as JSON.
func (e AuditEvent) hash() []byte {
	e.Hash = nil
	e.At = e.At.UTC()
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings, bytes, a number and a time always encode
	}
	sum := sha256.Sum256(text)
	return sum[:]
}
