package mailchannels

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
)

// settings is what was set in a sub-account; nil for what was not.
type settings struct {
	status    string
	sendLimit *backend.SendLimit
}

// on returns the sub-account as it is with the settings.
func (done settings) on(s backend.Subaccount) backend.Subaccount {
	if done.status != "" {
		s.Status = done.status
	}
	if done.sendLimit != nil {
		s.SendLimit = done.sendLimit.Most
	}
	return s
}

// set carries a change out, as far as it differs from the status that there is. With
// an error it returns what was done before that.
func (s subaccounts) set(ctx context.Context, handle, status string, in backend.SubaccountChange) (settings, error) {
	var done settings
	defer s.subs.forget()
	// The limit first: a sub-account that is activated has it then.
	if in.SendLimit != nil {
		if err := s.setLimit(ctx, handle, in.SendLimit.Most); err != nil {
			return done, s.failed(ctx, handle, err)
		}
		done.sendLimit = in.SendLimit
	}
	if in.Status != nil && *in.Status != status {
		if err := s.setStatus(ctx, handle, *in.Status); err != nil {
			return done, s.failed(ctx, handle, err)
		}
		done.status = *in.Status
	}
	return done, nil
}

func (s subaccounts) failed(ctx context.Context, handle string, err error) error {
	if has(err, http.StatusNotFound) {
		return s.noSubaccount(ctx, handle, err)
	}
	return s.explained(err)
}

// setLimit takes 200 with a body, as documented, and the simulator's 204.
func (s subaccounts) setLimit(ctx context.Context, handle string, most *int64) error {
	call := vendor.Call{Method: http.MethodDelete, Path: one(handle, belowLimit), Route: routeLimit}
	if most != nil {
		call.Method, call.Body = http.MethodPut, map[string]int64{"sends": *most}
	}
	return s.caller.Do(ctx, call)
}

// setStatus suspends or activates. A lost answer is looked up: nothing but the status
// can tell whether it was carried out.
func (s subaccounts) setStatus(ctx context.Context, handle, status string) error {
	below := "/suspend"
	if status == backend.SubaccountActive {
		below = "/activate"
	}
	err := s.caller.Do(ctx, vendor.Call{Method: http.MethodPost, Path: one(handle, below), Route: routeSubaccount + below, Idempotent: true})
	if !errors.Is(err, vendor.ErrLost) {
		return err
	}
	if found, findErr := s.find(ctx, handle); findErr == nil && found.status() == status {
		return nil
	}
	return err
}

// Update implements backend.Subaccounts. There are no revisions: what was changed
// meanwhile is overwritten.
func (s subaccounts) Update(ctx context.Context, handle string, in backend.SubaccountChange, _ int64) (backend.Subaccount, error) {
	if err := s.checkChange(in); err != nil {
		return backend.Subaccount{}, err
	}
	found, err := s.find(ctx, handle)
	if err != nil {
		return backend.Subaccount{}, err
	}
	if err := s.check(handle); err != nil {
		return backend.Subaccount{}, err
	}
	done, err := s.set(ctx, handle, found.status(), in)
	if err != nil {
		if done.sendLimit == nil {
			return backend.Subaccount{}, err
		}
		return backend.Subaccount{}, &backend.Error{Message: fmt.Sprintf("The limit of messages of the sub-account %q was set; its status was not. %s", handle, sentenceOf(err)), Err: err}
	}
	out, err := s.detailed(ctx, found)
	return done.on(out), err
}

func (s subaccounts) checkChange(in backend.SubaccountChange) error {
	fields := map[string]string{}
	if in.Name != nil {
		fields["name"] = "cannot be changed: MailChannels keeps the name that a sub-account was made with"
	}
	if in.APIKeyLimit != nil {
		fields["apikey_limit"] = noKeyLimit
	}
	if in.SendLimit != nil && in.SendLimit.Most != nil && *in.SendLimit.Most < 0 {
		fields["send_limit"] = "must not be negative; leave it out for no limit"
	}
	if len(fields) == 0 {
		return nil
	}
	return &backend.Error{Message: "MailChannels cannot change a sub-account like that.", Fields: fields, Err: backend.ErrUnsupported}
}

// Delete implements backend.Subaccounts. What becomes of the keys of a deleted
// sub-account is not documented, so they are deleted before it. Nothing keeps another
// process from making one in between.
func (s subaccounts) Delete(ctx context.Context, handle string, withKeys bool) error {
	if _, err := s.find(ctx, handle); err != nil {
		return err
	}
	place := s.place(handle)
	found, err := place.read(ctx, true)
	if err != nil {
		return err
	}
	if len(found) > 0 && !withKeys {
		return &backend.Error{
			Message: fmt.Sprintf("The sub-account %q has API keys, %d at this time. Delete them first, or ask for all of them to be deleted with it.", handle, len(found)),
			Fields:  map[string]string{"delete_apikeys": "must be true to delete the API keys " + listed(ids(found))},
		}
	}
	for i, id := range ids(found) {
		if err := place.remove(ctx, id); err != nil && !has(err, http.StatusNotFound) {
			return &backend.Error{Message: fmt.Sprintf("The sub-account %q was not deleted; of its %d API keys %d were. %s", handle, len(found), i, sentenceOf(s.explained(err))), Err: err}
		}
	}
	err = s.remove(ctx, handle)
	if has(err, http.StatusNotFound) { // the simulator's, for one that somebody else has deleted
		if err = s.noSubaccount(ctx, handle, err); errors.Is(err, backend.ErrNotFound) {
			return nil
		}
	}
	return s.explained(err)
}

// remove makes the call that deletes a sub-account.
func (s subaccounts) remove(ctx context.Context, handle string) error {
	defer s.subs.forget()
	defer s.place(handle).list.forget()
	return s.caller.Do(ctx, vendor.Call{Method: http.MethodDelete, Path: one(handle, ""), Route: routeSubaccount})
}
