package sendgrid

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
)

// Create implements backend.Subaccounts. SendGrid asks for a password: one is made at
// random and forgotten at once, so that nobody knows it. A person who is to sign in as
// the subuser has it reset by e-mail.
func (s subaccounts) Create(ctx context.Context, in backend.SubaccountInput) (backend.Subaccount, error) {
	wrong := map[string]string{}
	if in.Handle == "" {
		wrong["handle"] = "must not be empty: it is the username"
	}
	if isReserved(in.Handle) {
		wrong["handle"] = "must be another one: SendGrid's own paths have it where a subuser's name stands"
	}
	if in.Email == "" {
		wrong["email"] = "must be given: SendGrid makes no subuser without an e-mail address"
	}
	if len(in.IPAddresses) == 0 {
		wrong["ip_addresses"] = "must name at least one of the account's: SendGrid makes no subuser without"
	}
	if in.APIKeyLimit != nil || in.SendLimit != nil {
		return backend.Subaccount{}, noLimits()
	}
	if err := refused(wrong); err != nil {
		return backend.Subaccount{}, err
	}
	password := newPassword()
	var made struct {
		Username string `json:"username"`
		UserID   int64  `json:"user_id"`
	}
	// The reference says 200, the 2018 reference 201: either is a success.
	err := s.call(ctx, "", vendor.Call{
		Method: http.MethodPost, Path: routeSubusers, Route: routeSubusers, Into: &made,
		Body: struct {
			Username string   `json:"username"`
			Email    string   `json:"email"`
			Password string   `json:"password"`
			IPs      []string `json:"ips"`
		}{in.Handle, in.Email, password, in.IPAddresses},
		// A second one of its username would be refused as one that exists.
		Look: func(ctx context.Context) error {
			_, err := s.find(ctx, in.Handle)
			if errors.Is(err, backend.ErrNotFound) {
				return nil
			}
			return cmp.Or(err, errMayBeThere)
		},
	})
	if err == nil && made.Username != "" && !strings.EqualFold(made.Username, in.Handle) {
		err = fmt.Errorf("SendGrid answered POST %s with another subuser than the one asked for: %w", routeSubusers, vendor.ErrLost)
	}
	if errors.Is(err, vendor.ErrLost) {
		return backend.Subaccount{}, s.lost(ctx, in.Handle, err)
	}
	if err != nil {
		return backend.Subaccount{}, explained(err)
	}
	if in.Status == backend.SubaccountSuspended {
		if err := s.disable(ctx, in.Handle, true); err != nil {
			return backend.Subaccount{}, &backend.Error{
				Message: fmt.Sprintf("The subuser %q was made, and could not be suspended: it is active. Import it, or remove it in SendGrid. %s", in.Handle, err), Err: err,
			}
		}
	}
	return s.shown(ctx, subuser{ID: made.UserID, Username: in.Handle, Email: in.Email, Disabled: in.Status == backend.SubaccountSuspended})
}

// shown is a new subuser. That the list does not show it yet is no failure, as it was
// made.
func (s subaccounts) shown(ctx context.Context, made subuser) (backend.Subaccount, error) {
	found, err := s.Get(ctx, made.Username)
	if err != nil {
		return backend.Subaccount{ID: fmt.Sprint(made.ID), Handle: made.Username, Status: made.status(), Email: made.Email, KeyLimit: s.platform.Subaccounts.KeyLimit}, nil //nolint:nilerr // see above
	}
	return found, nil
}

// lost tells what became of a subuser whose create has no answer. A subuser is never
// removed for that: it can hold more than a key, and removal cannot be undone.
func (s subaccounts) lost(ctx context.Context, handle string, err error) error {
	out := &backend.Error{Message: strings.TrimSuffix(err.Error(), ".") + ". ", Err: err}
	tidy, cancel := context.WithTimeout(context.WithoutCancel(ctx), tidyWithin)
	defer cancel()
	switch _, findErr := s.find(tidy, handle); {
	case findErr == nil:
		out.Message += fmt.Sprintf("There is a subuser %q now. If this request made it, import it.", handle)
	case errors.Is(findErr, backend.ErrNotFound):
		out.Message += "No subuser was made, as far as SendGrid's list shows. Try again."
	default:
		out.Message += fmt.Sprintf("Whether it was made is not known. Look in SendGrid for a subuser %q, and import it if it is there.", handle)
	}
	return out
}

// Update implements backend.Subaccounts. The name is a label in the state.
func (s subaccounts) Update(ctx context.Context, handle string, in backend.SubaccountChange, _ int64) (backend.Subaccount, error) {
	if in.APIKeyLimit != nil || in.SendLimit != nil {
		return backend.Subaccount{}, noLimits()
	}
	if in.Status != nil {
		if err := s.disable(ctx, handle, *in.Status == backend.SubaccountSuspended); err != nil {
			return backend.Subaccount{}, s.gone(ctx, handle, err)
		}
	}
	if in.IPAddresses != nil {
		if len(in.IPAddresses) == 0 {
			return backend.Subaccount{}, refused(map[string]string{"ip_addresses": "must name at least one"})
		}
		err := s.call(ctx, "", vendor.Call{Method: http.MethodPut, Path: subuserPath(handle) + "/ips", Route: routeSubuserIPs, Body: in.IPAddresses})
		if err != nil {
			return backend.Subaccount{}, s.gone(ctx, handle, err)
		}
	}
	return s.Get(ctx, handle)
}

func (s subaccounts) disable(ctx context.Context, handle string, disabled bool) error {
	return s.call(ctx, "", vendor.Call{
		Method: http.MethodPatch, Path: subuserPath(handle), Route: routeSubuser,
		Body: struct {
			Disabled bool `json:"disabled"`
		}{disabled},
	})
}

// Delete implements backend.Subaccounts. It cannot be undone (reference). Whether
// SendGrid removes a subuser's keys with it is not documented; they are of no use
// without it.
func (s subaccounts) Delete(ctx context.Context, handle string, withKeys bool) error {
	if !withKeys {
		listed, err := s.list(ctx, handle)
		if err != nil {
			return keys{s.Backend, handle, s.place(handle)}.told(ctx, err)
		}
		if n := len(listed); n > 0 {
			return &backend.Error{
				Message: fmt.Sprintf("The subuser %q has %d API keys, which would end with it. Nothing was deleted.", handle, n),
				Fields:  map[string]string{"delete_apikeys": "must be true for a subuser with API keys"},
			}
		}
	}
	err := s.call(ctx, "", vendor.Call{Method: http.MethodDelete, Path: subuserPath(handle), Route: routeSubuser})
	if err == nil {
		return nil
	}
	failed, ok := errors.AsType[*vendor.Error](err)
	err = s.gone(ctx, handle, err)
	if ok && failed.Repeated && errors.Is(err, backend.ErrNotFound) {
		return nil // an earlier attempt did it, and its answer was lost
	}
	return err
}

// gone explains an error of a change: an unknown subuser is 400 "invalid username"
// (reference) or 404, and is looked for before it is believed to be gone.
func (s subaccounts) gone(ctx context.Context, handle string, err error) error {
	if status(err) == http.StatusNotFound || says(err, textNoUser) {
		if _, other := s.find(ctx, handle); errors.Is(other, backend.ErrNotFound) || errors.Is(other, backend.ErrUnconfirmed) {
			return other
		}
	}
	return explained(err)
}

// subuserPath is the path of a subuser. A name of dots alone would be another path.
func subuserPath(handle string) string {
	name := url.PathEscape(handle)
	if strings.Trim(name, ".") == "" {
		name = strings.ReplaceAll(name, ".", "%2E")
	}
	return routeSubusers + "/" + name
}

func noLimits() error {
	return unsupported("Subusers of SendGrid have no limits of their own here: leave out apikey_limit and send_limit.")
}
