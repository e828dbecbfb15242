package sendgrid

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// creation is one key on its way.
type creation struct {
	keys
	in     backend.APIKeyInput
	asked  []string        // its scopes
	name   string          // that is sent; with a mark where the caller can take it off again
	marked bool            // whether it has a mark
	old    map[string]bool // ids that were met before
	listed bool            // whether the caller may see keys
}

// Create implements backend.Keys. Keys of one place are made one after another, so that
// the lists before and after tell most about the one between them.
func (k keys) Create(ctx context.Context, in backend.APIKeyInput) (backend.IssuedAPIKey, error) {
	if err := k.check(in); err != nil {
		return backend.IssuedAPIKey{}, err
	}
	ready := backend.Interruptible(ctx)
	select {
	case k.at.making <- struct{}{}:
		defer func() { <-k.at.making }()
	case <-ready.Done():
		return backend.IssuedAPIKey{}, fmt.Errorf("the API key was not made: %w", ready.Err())
	}
	c := creation{keys: k, in: in, asked: scope.Normal(in.Scopes), name: in.Name}
	if err := c.prepare(ready); err != nil {
		return backend.IssuedAPIKey{}, err
	}
	made, err := c.send(ctx)
	if err != nil {
		return backend.IssuedAPIKey{}, c.lost(ctx, err)
	}
	return c.finish(ctx, made)
}

// prepare reads what is there before.
func (c *creation) prepare(ctx context.Context) error {
	_, err := c.listWith(ctx, c.in.Known)
	if err != nil && !denied(err) {
		return c.told(ctx, err)
	}
	c.listed = err == nil // who may make keys need not see them
	c.old = c.at.seen.Copy()
	for _, id := range c.in.Known {
		c.old[id] = true
	}
	if c.marked = c.listed && c.mayRename(ctx); c.marked {
		c.name = withMark(c.in.Name)
	}
	return nil
}

// listWith lists the keys. A list that lacks a key of the caller's state is not believed:
// it may be from earlier, or of another place.
func (k keys) listWith(ctx context.Context, known []string) ([]wireKey, error) {
	listed, err := k.list(ctx, k.subuser)
	if err != nil {
		return nil, err
	}
	for _, id := range known {
		if slices.ContainsFunc(listed, func(one wireKey) bool { return one.ID == id }) {
			continue
		}
		if _, err := k.read(ctx, id); status(err) != http.StatusNotFound {
			return nil, &backend.Error{
				Message: fmt.Sprintf("SendGrid's list of API keys lacks the key %s of the state, and does not say that it is gone either. Such a list is not believed. Try again later.", id), Err: err,
			}
		}
		return nil, &backend.Error{
			Message: fmt.Sprintf("SendGrid does not have the API key %s of the state. It was deleted elsewhere, or the API key that Terraform uses is of another account. Run a plan with a refresh, which tells.", id),
		}
	}
	return listed, nil
}

// isNew reports whether a key can be the one on its way.
func (c *creation) isNew(id string) bool { return !c.old[id] }

// send makes the call, and checks that the answer is about the key that was asked for.
func (c *creation) send(ctx context.Context) (wireKey, error) {
	var made wireKey
	err := c.call(ctx, c.subuser, vendor.Call{
		Method: http.MethodPost, Path: routeKeys, Route: routeKeys, Body: keyBody{c.name, c.asked}, Into: &made, Yields: true, Look: c.look,
	})
	if err != nil {
		return made, err
	}
	var lack string
	switch {
	case outside.CheckID(made.ID) != nil || made.Secret == "":
		lack = "without a key"
	case idOf(made.Secret) != made.ID:
		lack = "with a key that has not the id that came with it"
	case !isNamed(made, c.name):
		lack = "with a key of another name"
	case !c.isNew(made.ID):
		lack = "with a key that was there before"
	default:
		c.at.seen.Add(made.ID)
		return made, nil
	}
	return made, fmt.Errorf("SendGrid answered POST %s %s: %w", routeKeys, lack, vendor.ErrLost)
}

// errMayBeThere ends a create that may have been carried out, though the answer was 429.
var errMayBeThere = errors.New("the key may have been made")

// look finds out whether a create that was answered with 429 was carried out.
func (c *creation) look(ctx context.Context) error {
	if !c.listed {
		return errMayBeThere
	}
	fresh, err := c.fresh(ctx)
	if err == nil && len(fresh) > 0 {
		err = errMayBeThere
	}
	return err
}

// fresh are the ids of the keys that may be of this call: of the name that was sent, and
// not there before.
func (c *creation) fresh(ctx context.Context) ([]string, error) {
	after, err := c.listWith(ctx, c.in.Known)
	if err != nil {
		return nil, err
	}
	var fresh []string
	for _, one := range after {
		if isNamed(one, c.name) && c.isNew(one.ID) {
			fresh = append(fresh, one.ID)
		}
	}
	return fresh, nil
}

// finish reads the new key back, as what the answer to a create echoes are the scopes that
// were asked for (seen), and takes the mark off. Should that fail, what is known has to
// do, because without an answer of ours the secret would be lost.
func (c *creation) finish(ctx context.Context, made wireKey) (backend.IssuedAPIKey, error) {
	key, err := c.readNew(ctx, made.ID)
	if errors.Is(err, errNotThere) {
		return backend.IssuedAPIKey{}, c.unproven(ctx, made.ID)
	}
	proved := err == nil && c.marked && isNamed(wireKey{Name: key.Name}, c.name)
	if err != nil {
		key = c.converted(wireKey{ID: made.ID, Name: c.name, Scopes: c.asked})
	}
	if missing := scope.Added(key.Scopes, c.asked); len(missing) > 0 {
		return backend.IssuedAPIKey{}, c.incomplete(ctx, made.ID, missing, proved)
	}
	issued := backend.IssuedAPIKey{APIKey: key, Secret: secret.From(made.Secret)}
	if c.marked {
		issued.Unfinished = c.rename(ctx, made.ID)
		issued.Name, issued.MadeFor = c.in.Name, ""
	}
	return issued, nil
}

// incomplete is the error for a key that lacks scopes. It does not stay, if it is proved to
// be of this call.
func (c *creation) incomplete(ctx context.Context, id string, missing []string, proved bool) error {
	lack := strings.Join(missing, ", ")
	away := "It was deleted again."
	if !proved {
		away = "It was not deleted, as it is not proved that this request made it. If nobody uses it, delete it in SendGrid, under Settings, API Keys."
	} else if err := c.discard(ctx, id); err != nil {
		away = "It could not be deleted again: delete it in SendGrid. " + err.Error()
	}
	return &backend.Error{
		Message: fmt.Sprintf("SendGrid made the API key %s without %s. %s", id, lack, away),
		Fields:  map[string]string{"scopes": "lack " + lack + ", which SendGrid left out"},
	}
}

// rename takes the mark off, also for a caller who has given up. It says what is left to
// do.
func (c *creation) rename(ctx context.Context, id string) string {
	tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyWithin)
	defer cancel()
	path, err := keyPath(id)
	var answer wireKey
	if err == nil {
		err = c.call(tidy, c.subuser, vendor.Call{Method: http.MethodPatch, Path: path, Route: routeKey, Into: &answer, Body: struct {
			Name string `json:"name"`
		}{c.in.Name}})
	}
	if err == nil && (answer.ID != id || !isNamed(answer, c.in.Name)) {
		err = otherKey(http.MethodPatch, id)
	}
	if err == nil {
		return ""
	}
	return fmt.Sprintf("The API key %s works and its secret is safe, but it may still have the name %q that it was made under. The next plan shows that, and its apply renames the key. %s", id, c.name, explained(err))
}
