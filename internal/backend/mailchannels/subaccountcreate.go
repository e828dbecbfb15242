package mailchannels

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/backend/vendor"
)

// The bounds of a company name, in characters.
const (
	shortestName = 3
	longestName  = 128
)

// Create implements backend.Subaccounts. Email and addresses are not sent: they are
// labels in the state. A handle that exists is refused before anything is sent, as
// the simulator would overwrite that sub-account.
//
// Status and limit take calls of their own. When one fails, the new sub-account is
// deleted again, which nobody can have used yet: if it is proved to be of this call.
func (s subaccounts) Create(ctx context.Context, in backend.SubaccountInput) (backend.Subaccount, error) {
	if err := s.checkInput(in); err != nil {
		return backend.Subaccount{}, err
	}
	before, err := s.subs.get(ctx, true)
	if err != nil {
		return backend.Subaccount{}, s.explained(err)
	}
	if in.Handle != "" && indexOf(before, in.Handle) >= 0 {
		return backend.Subaccount{}, taken(in.Handle, nil)
	}
	made, err := s.make(ctx, in, before)
	proved := err == nil // else it may be somebody else's of the same handle and name
	if err != nil {
		if made, err = s.notMade(ctx, in, before, err); err != nil {
			return backend.Subaccount{}, err
		}
	}
	out := s.plain(made)
	done, err := s.set(ctx, out.Handle, out.Status, wanted(in))
	if err != nil && !proved {
		return backend.Subaccount{}, &backend.Error{
			Message: fmt.Sprintf("There is a sub-account %q now, but not as it was asked for, and nothing proves that this request made it, so it was not deleted. Import it, or delete it in the Console. %s", out.Handle, sentenceOf(err)), Err: err,
		}
	}
	if err != nil {
		return backend.Subaccount{}, s.undone(ctx, out.Handle, err)
	}
	return done.on(out), nil
}

// wanted is what a new sub-account needs beyond the call that makes it.
func wanted(in backend.SubaccountInput) backend.SubaccountChange {
	var c backend.SubaccountChange
	if in.Status != "" {
		c.Status = &in.Status
	}
	if in.SendLimit != nil {
		c.SendLimit = &backend.SendLimit{Most: in.SendLimit}
	}
	return c
}

func (s subaccounts) checkInput(in backend.SubaccountInput) error {
	fields := map[string]string{}
	if in.Handle != "" && !s.platform.Subaccounts.Handle.MatchString(in.Handle) {
		fields["handle"] = "must be " + s.platform.Subaccounts.HandleWords
	}
	if n := utf8.RuneCountInString(in.Name); n < shortestName || n > longestName {
		fields["name"] = fmt.Sprintf("must be %d to %d characters long, it has %d", shortestName, longestName, n)
	}
	if in.SendLimit != nil && *in.SendLimit < 0 {
		fields["send_limit"] = "must not be negative; leave it out for no limit"
	}
	if in.APIKeyLimit != nil {
		fields["apikey_limit"] = noKeyLimit
	}
	if len(fields) == 0 {
		return nil
	}
	return &backend.Error{Message: "MailChannels cannot make such a sub-account.", Fields: fields}
}

const noKeyLimit = "must be left out: MailChannels limits the API keys of each sub-account by itself"

func taken(handle string, err error) error {
	return &backend.Error{
		Message: fmt.Sprintf("There is a sub-account %q already. Choose another handle, or import that sub-account.", handle),
		Fields:  map[string]string{"handle": "is the handle of another sub-account"}, Err: err,
	}
}

// make makes the call that creates a sub-account.
func (s subaccounts) make(ctx context.Context, in backend.SubaccountInput, before []listedSubaccount) (listedSubaccount, error) {
	defer s.subs.forget()
	body := map[string]string{"company_name": in.Name}
	if in.Handle != "" {
		body["handle"] = in.Handle
	}
	look := func(ctx context.Context) error {
		after, err := s.subs.get(ctx, true)
		if err == nil && len(newOfName(before, after, in.Name)) > 0 {
			err = errMayBeThere
		}
		return err
	}
	var made listedSubaccount
	err := s.caller.Do(ctx, vendor.Call{Method: http.MethodPost, Path: pathSubaccounts, Route: pathSubaccounts, Body: body, Into: &made, Look: look})
	if err == nil && (made.name() == "" || in.Handle != "" && made.Handle != in.Handle || indexOf(before, made.Handle) >= 0 || made.CompanyName != "" && made.CompanyName != in.Name ||
		s.check(made.Handle) != nil) {
		err = errors.Join(errNoSubaccount, vendor.ErrLost)
	}
	return made, err
}

// errNoSubaccount is for an answer to a create that is about no sub-account, or
// another.
var errNoSubaccount = errors.New("MailChannels answered with status 2xx and without the sub-account that was asked for")

// notMade explains why there is no new sub-account. One whose answer was lost is
// taken as made when it is there under the handle and name that were asked for: it
// has no secret that could be lost. At random handles nobody can tell.
func (s subaccounts) notMade(ctx context.Context, in backend.SubaccountInput, before []listedSubaccount, err error) (listedSubaccount, error) {
	switch {
	case has(err, http.StatusConflict):
		return listedSubaccount{}, taken(in.Handle, err)
	case !errors.Is(err, vendor.ErrLost):
		return listedSubaccount{}, s.explained(err)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanup)
	defer cancel()
	what := sentenceOf(err)
	after, listErr := s.subs.get(ctx, true)
	if listErr != nil {
		return listedSubaccount{}, &backend.Error{Message: what + " Whether it made the sub-account is not known, because listing them failed, too. Look in the Console; import one that was made.", Err: err}
	}
	added := newOfName(before, after, in.Name)
	if i := indexOf(added, in.Handle); i >= 0 {
		return added[i], nil
	}
	if len(added) == 0 || in.Handle != "" {
		return listedSubaccount{}, &backend.Error{Message: what + " No sub-account was made by then. Try again.", Err: err}
	}
	var handles []string
	for _, one := range added {
		handles = append(handles, one.Handle)
	}
	return listedSubaccount{}, &backend.Error{
		Message: fmt.Sprintf("%s Since then there are new sub-accounts of this name: %s. Import the one that this request made, or delete it in the Console.", what, listed(handles)), Err: err,
	}
}

// newOfName are the sub-accounts of that name that were not there before.
func newOfName(before, after []listedSubaccount, name string) []listedSubaccount {
	return slices.DeleteFunc(slices.Clone(after), func(one listedSubaccount) bool {
		return indexOf(before, one.Handle) >= 0 || one.CompanyName != name
	})
}

// undone deletes a sub-account that could not be completed, and explains.
func (s subaccounts) undone(ctx context.Context, handle string, err error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanup)
	defer cancel()
	message := fmt.Sprintf("The sub-account %q was made, but not as it was asked for, and so it was deleted again. %s", handle, sentenceOf(err))
	if removeErr := s.remove(ctx, handle); removeErr != nil && !has(removeErr, http.StatusNotFound) {
		message = fmt.Sprintf("The sub-account %q was made, but not as it was asked for, and could not be deleted again: %s Import it, or delete it in the Console. What failed first: %s",
			handle, sentenceOf(removeErr), sentenceOf(err))
	}
	return &backend.Error{Message: message, Err: err}
}
