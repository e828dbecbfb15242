package mailchannels

import (
	"context"
	"errors"
	"fmt"
	"maps"
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
// The secret is in the answer and nowhere else. So when that is lost, a key may be there
// that nobody can use. Nothing that MailChannels shows of a key tells who made it, so that
// none is deleted: those that are new are named. Within the process one key is made after
// the other, so that they are few.
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
	old, err := k.before(ready, in.Known)
	if err != nil {
		return backend.IssuedAPIKey{}, err
	}
	made, err := k.make(ctx, old)
	if err != nil {
		return backend.IssuedAPIKey{}, k.notMade(ctx, old, err)
	}
	return k.prove(ctx, old, made)
}

// old are the keys that were there before one is made.
type old struct {
	known []string        // ids of the caller's state: they live
	met   map[string]bool // all ids that were met so far
}

// before reads what is there.
func (k *keys) before(ctx context.Context, known []string) (old, error) {
	o := old{known: known}
	if _, err := k.believed(ctx, o); err != nil {
		return o, err
	}
	o.met = k.seen.Copy()
	for _, id := range known {
		o.met[id] = true
	}
	return o, nil
}

// believed reads the list. One that lacks a key which lives, also at a second look, is not
// believed: it may be from earlier, or of another place.
func (k *keys) believed(ctx context.Context, o old) ([]wireKey, error) {
	var lacks string
	for range 2 {
		found, err := k.read(ctx, true)
		if err != nil {
			return nil, err
		}
		lacks = ""
		shown := ids(found)
		for _, id := range o.known {
			if !slices.Contains(shown, id) {
				lacks = id
			}
		}
		if lacks == "" {
			return found, nil
		}
		k.wait(ctx)
	}
	return nil, &backend.Error{Message: fmt.Sprintf("MailChannels' list of API keys of the sub-account %q lacks the key %s of the state. Such a list is not believed. "+
		"Try again later; if the key was deleted elsewhere, a refresh says so.", k.handle, lacks)}
}

// wait gives the service time to finish what it is at work on. A call that is over by then says
// so by itself.
func (k *keys) wait(ctx context.Context) { _ = vendor.Sleep(ctx, k.settle) }

// checkInput refuses what the service cannot do.
func (k *keys) checkInput(in backend.APIKeyInput) error {
	fields := map[string]string{}
	if fixed := *k.platform.Subaccounts.FixedScopes; len(in.Scopes) > 0 && !slices.Equal(in.Scopes, fixed) {
		fields["scopes"] = fmt.Sprintf("must be left out: API keys of sub-accounts hold %q and nothing else", strings.Join(fixed, `", "`))
	}
	if in.ExpiresAt != nil {
		fields["expires_at"] = "must be left out: API keys of MailChannels do not expire"
	}
	if !in.Secret.IsZero() {
		fields["secret"] = "must be left out: MailChannels makes the secret"
	}
	if len(fields) == 0 {
		return nil
	}
	return &backend.Error{Message: "MailChannels cannot make such an API key.", Fields: fields, Err: backend.ErrUnsupported}
}

// What is wrong with an answer to a create.
var (
	errShape = errors.New("MailChannels answered with status 2xx and without an API key in it")
	errOther = errors.New("MailChannels answered with an API key that was there before")
)

// make makes the call that creates a key.
func (k *keys) make(ctx context.Context, o old) (wireKey, error) {
	defer k.list.forget()
	look := func(ctx context.Context) error {
		added, err := k.added(ctx, o)
		if err == nil && len(added) > 0 {
			err = errMayBeThere
		}
		return err
	}
	var made wireKey
	err := k.caller.Do(ctx, vendor.Call{Method: http.MethodPost, Path: one(k.handle, belowKeys), Route: routeKeys, Into: &made, Yields: true, Look: look})
	switch {
	case err != nil:
	case made.id() == "" || made.Key == "":
		err = errors.Join(errShape, vendor.ErrLost)
	case o.met[made.id()]:
		err = errors.Join(errOther, vendor.ErrLost)
	default:
		k.seen.Add(made.id())
	}
	return made, err
}

// errMayBeThere ends a create that may have been carried out, though the answer was 429.
var errMayBeThere = errors.New("the key may have been made")

// notMade explains why there is no new key.
func (k *keys) notMade(ctx context.Context, o old, err error) error {
	switch {
	case errors.Is(err, vendor.ErrLost):
		what := sentenceOf(err)
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanup)
		defer cancel()
		return &backend.Error{Message: what + " " + k.whatIsNew(ctx, o), Err: err}
	case has(err, http.StatusUnprocessableEntity):
		return &backend.Error{Message: fmt.Sprintf("%s The sub-account %q has as many API keys as it may have; delete one that is no longer needed.", err.Error(), k.handle), Err: err}
	case has(err, http.StatusNotFound):
		return k.noSubaccount(ctx, k.handle, err)
	}
	return k.explained(err)
}

// whatIsNew says which key a lost answer may have been about.
func (k *keys) whatIsNew(ctx context.Context, o old) string {
	added, err := k.added(ctx, o)
	if err == nil && len(added) == 0 {
		k.wait(ctx) // the service may still be at work on it
		added, err = k.added(ctx, o)
	}
	switch {
	case err != nil:
		return fmt.Sprintf("Whether an API key was made is not known, because those of the sub-account %q cannot be listed now: %s "+
			"If a key is new there, and nobody uses it, delete it in the Console. Before, it had %s.", k.handle, sentenceOf(err), listed(slices.Sorted(maps.Keys(o.met))))
	case len(added) == 0:
		return "No API key was made by then. Try again."
	}
	return fmt.Sprintf("Since then there is something new in the sub-account %q: API key %s. Nothing proves whether this request made it, so nothing was deleted. "+
		"A key of this request has a secret that nobody knows: if nobody else made one at this time, delete it, in the Console or with DELETE %s. Then try again.",
		k.handle, listed(added), one(k.handle, belowKeys+"/"+added[0]))
}

// added are the ids of the keys that were not there before.
func (k *keys) added(ctx context.Context, o old) ([]string, error) {
	after, err := k.believed(ctx, o)
	var out []string
	for _, id := range ids(after) {
		if !o.met[id] {
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
	for _, plain := range []error{errShape, errOther} {
		if errors.Is(err, plain) {
			text = plain.Error()
		}
	}
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}
