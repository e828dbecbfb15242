package keyring

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// IdempotencyWindow is how long a repeated request gets the first answer again.
const IdempotencyWindow = 24 * time.Hour

// oldAnswersAtOnce is how many old answers one request clears out. It makes one new
// answer, so none heap up, and no other writer waits for the answers of a whole day.
const oldAnswersAtOnce = 20

// Bounds of an Idempotency-Key. It is made by the caller at random, so a short
// one is a mistake: two requests would meet by chance.
const (
	minIdempotencyKey = 16
	maxIdempotencyKey = 128
)

// once lets a request that mints a secret be repeated when its answer was lost.
// The first answer is kept under a seal of the caller's credential and its
// Idempotency-Key; the database holds neither, so it never reveals the secret.
type once struct {
	seal    secret.Seal
	account string
	id      []byte
	request []byte

	answer IssuedAPIKey // that sealed holds
	sealed []byte
}

// firstAnswer is what is kept. The secret is plain in here and nowhere else.
type firstAnswer struct {
	View   APIKeyView `json:"view"`
	Secret string     `json:"secret"`
}

// newOnce prepares for a request, or returns nil when the caller sent no key. The
// operation and its input together are the request.
func newOnce(who Caller, key, operation string, input any) (*once, error) {
	if key == "" {
		return nil, nil //nolint:nilnil // no key, nothing to repeat
	}
	var f faults
	if len(key) < minIdempotencyKey || len(key) > maxIdempotencyKey {
		f.add(api.HeaderIdempotencyKey, "must be %d to %d characters long; a UUID will do", minIdempotencyKey, maxIdempotencyKey)
	}
	for _, r := range key {
		if r <= ' ' || r > '~' {
			f.add(api.HeaderIdempotencyKey, "must hold visible ASCII characters only")
			break
		}
	}
	if err := f.err(); err != nil {
		return nil, err
	}
	seal, err := secret.NewSeal(who.credential(), key)
	if err != nil {
		return nil, err
	}
	request, err := json.Marshal([]any{operation, input})
	if err != nil {
		return nil, fmt.Errorf("encoding a request: %w", err)
	}
	return &once{seal: seal, account: who.Account.ID, id: seal.Digest([]byte("id")), request: seal.Digest(request)}, nil
}

// again returns the first answer when the request was made before.
func (o *once) again(ctx context.Context, r Reader, now time.Time) (*IssuedAPIKey, error) {
	if o == nil {
		return nil, nil //nolint:nilnil // nothing to repeat
	}
	before, err := r.IdempotencyRecord(ctx, o.account, o.id)
	// keep removes a record of this id that is too old, as it would be in the way of
	// the new one.
	if errors.Is(err, ErrNotFound) || err == nil && before.CreatedAt.Before(now.Add(-IdempotencyWindow)) {
		return nil, nil //nolint:nilnil // not made before
	}
	if err != nil {
		return nil, err
	}
	if string(before.Request) != string(o.request) {
		return nil, &Error{
			Code:    api.CodeIdempotencyKeyReused,
			Message: "This Idempotency-Key came with another request before. Nothing was done; use a new one for each new request.",
			Fields:  []api.FieldError{{Field: api.HeaderIdempotencyKey, Message: "was used for another request within the last 24 hours"}},
		}
	}
	plain, err := o.seal.Open(before.Answer)
	if err != nil {
		return nil, err
	}
	var first firstAnswer
	if err := json.Unmarshal(plain, &first); err != nil {
		return nil, errors.New("decoding a first answer") // the cause could quote the secret
	}
	return &IssuedAPIKey{APIKeyView: first.View, Secret: secret.From(first.Secret)}, nil
}

// sealAnswer seals the answer, for keep. A write decides twice, and as a rule the same:
// then the seal of the first time, which needs no lock, serves the second.
func (o *once) sealAnswer(answer IssuedAPIKey) error {
	if o == nil || o.sealed != nil && o.answer.Secret.Equal(answer.Secret) && reflect.DeepEqual(o.answer.APIKeyView, answer.APIKeyView) {
		return nil
	}
	plain, err := json.Marshal(firstAnswer{View: answer.APIKeyView, Secret: answer.Secret.Reveal()})
	if err != nil {
		return fmt.Errorf("encoding a first answer: %w", err)
	}
	o.answer = answer
	o.sealed, err = o.seal.Close(plain)
	return err
}

// keep stores the sealed answer, in the transaction that made it, and clears out what
// no one may ask for any more.
func (o *once) keep(ctx context.Context, w Writer, now time.Time) error {
	if o == nil {
		return nil
	}
	if err := w.DeleteIdempotencyRecordsBefore(ctx, o.account, now.Add(-IdempotencyWindow), oldAnswersAtOnce); err != nil {
		return err
	}
	// again has found none under this id that is young enough to be given again.
	if err := w.DeleteIdempotencyRecord(ctx, o.account, o.id); err != nil {
		return err
	}
	return w.InsertIdempotencyRecord(ctx, IdempotencyRecord{Account: o.account, ID: o.id, Request: o.request, Answer: o.sealed, CreatedAt: now})
}
