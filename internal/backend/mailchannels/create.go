package mailchannels

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
)

// cleanup is the time for cleaning up after a failure, also of a caller who has left.
const cleanup = 30 * time.Second

// Create implements backend.Keys. Name, description and scopes are not sent: the
// service takes nothing.
//
// The secret is in the answer and nowhere else. So when that is lost, a key may be
// there that nobody can use; it is found by comparing lists from before and after.
// Two keys made at once would be mistaken for one another, so within the process one
// is made after the other. Another process may still make one at that moment: only
// when exactly one new key shows up, it is deleted.
func (k *keys) Create(ctx context.Context, in backend.APIKeyInput) (backend.IssuedAPIKey, error) {
	if err := k.checkInput(in); err != nil {
		return backend.IssuedAPIKey{}, err
	}
	ready := backend.Interruptible(ctx)
	select {
	case k.turn <- struct{}{}:
		defer func() { <-k.turn }()
	case <-ready.Done():
		return backend.IssuedAPIKey{}, fmt.Errorf("the API key was not made: %w", ready.Err())
	}
	before, err := k.read(ready, true)
	if err != nil {
		return backend.IssuedAPIKey{}, err
	}
	made, err := k.make(ctx)
	if err != nil {
		return backend.IssuedAPIKey{}, k.notMade(ctx, before, err)
	}
	out := backend.IssuedAPIKey{APIKey: k.converted(made), Secret: made.Key}
	// The hint is as the list shows it, or the next refresh would find another one.
	if after, err := k.read(ctx, true); err == nil {
		if i := slices.IndexFunc(after, func(w wireKey) bool { return w.id() == out.ID }); i >= 0 {
			out.APIKey = k.converted(after[i])
		}
	}
	return out, nil
}

// checkInput refuses what the service cannot do.
func (k *keys) checkInput(in backend.APIKeyInput) error {
	fields := map[string]string{}
	if fixed := *k.platform.Subaccounts.FixedScopes; len(in.Scopes) > 0 && !slices.Equal(in.Scopes, fixed) {
		fields["scopes"] = fmt.Sprintf("must be left out: API keys of sub-accounts hold %q and nothing else", strings.Join(fixed, `", "`))
	}
	if in.ExpiresAt != nil {
		fields["expires_at"] = "must be left out: API keys of MailChannels do not expire"
	}
	if in.Secret != "" {
		fields["secret"] = "must be left out: MailChannels makes the secret"
	}
	if len(fields) == 0 {
		return nil
	}
	return &backend.Error{Message: "MailChannels cannot make such an API key.", Fields: fields, Err: backend.ErrUnsupported}
}

// errShape is for an answer to a create that lacks the key.
var errShape = errors.New("MailChannels answered with status 2xx and without an API key in it")

// make makes the call that creates a key.
func (k *keys) make(ctx context.Context) (wireKey, error) {
	defer k.list.forget()
	var made wireKey
	err := k.caller.Do(ctx, vendor.Call{Method: http.MethodPost, Path: one(k.handle, belowKeys), Route: routeKeys, Into: &made, Yields: true})
	if err == nil && (made.id() == "" || made.Key == "") {
		err = errors.Join(errShape, vendor.ErrLost)
	}
	return made, err
}

// notMade explains why there is no new key, and removes one that was made all the
// same.
func (k *keys) notMade(ctx context.Context, before []wireKey, err error) error {
	switch {
	case errors.Is(err, vendor.ErrLost):
		what := sentenceOf(err)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanup)
		defer cancel()
		return &backend.Error{Message: what + " " + k.cleanUp(ctx, before), Err: err}
	case has(err, http.StatusUnprocessableEntity):
		return &backend.Error{Message: fmt.Sprintf("%s The sub-account %q has as many API keys as it may have; delete one that is no longer needed.", err.Error(), k.handle), Err: err}
	case has(err, http.StatusNotFound):
		return k.noSubaccount(ctx, k.handle, err)
	}
	return k.explained(err)
}

// cleanUp deletes the key that a lost answer was about, and says what it did.
func (k *keys) cleanUp(ctx context.Context, before []wireKey) string {
	added, err := k.added(ctx, before)
	if err == nil && len(added) == 0 {
		// The service may still be at work on it.
		timer := time.NewTimer(k.settle)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
		added, err = k.added(ctx, before)
	}
	switch {
	case err != nil:
		return fmt.Sprintf("Whether an API key was made is not known, because listing those of the sub-account %q failed, too: %s "+
			"Delete, in the Console, a key that is new there: it had %s before.", k.handle, sentenceOf(err), listed(ids(before)))
	case len(added) == 0:
		return "No API key was made by then. Try again."
	case len(added) > 1:
		return fmt.Sprintf("Since then there are the new API keys %s in the sub-account %q; one of them may be of this request, and nobody has its secret. "+
			"None was deleted, because others may be in use: delete the one that nobody knows.", listed(added), k.handle)
	}
	if err := k.remove(ctx, added[0]); err != nil {
		return fmt.Sprintf("It had made the API key %s in the sub-account %q, whose secret nobody has; deleting that failed, too: %s Delete it in the Console.", added[0], k.handle, sentenceOf(err))
	}
	return fmt.Sprintf("It had made the API key %s in the sub-account %q, whose secret nobody has; that was deleted. Try again.", added[0], k.handle)
}

// added are the ids of the keys that were not there before.
func (k *keys) added(ctx context.Context, before []wireKey) ([]string, error) {
	after, err := k.read(ctx, true)
	var out []string
	old := ids(before)
	for _, id := range ids(after) {
		if !slices.Contains(old, id) {
			out = append(out, id)
		}
	}
	return out, err
}

func ids(all []wireKey) []string {
	var out []string
	for _, w := range all {
		out = append(out, w.id())
	}
	return out
}

// listed names some things for a sentence.
func listed(names []string) string {
	const most = 20
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > most:
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// sentenceOf is an error as a sentence.
func sentenceOf(err error) string {
	text := strings.ReplaceAll(err.Error(), "\n", ": ")
	if errors.Is(err, errShape) {
		text = errShape.Error()
	}
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}
