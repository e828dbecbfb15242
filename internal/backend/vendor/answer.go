package vendor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

// judge decides what an answer means. Nothing of a body is ever shown but what
// Settings.Read finds in it: that of a create holds a secret.
func (c *Caller) judge(call Call, a *answer) *Error {
	e := c.newError(call)
	e.Status = a.status
	if a.excess == "" {
		e.Sayings = c.clean(c.read(a.body))
	}
	write := call.Method != http.MethodGet
	switch {
	case a.status >= 300 && a.status < 400:
		e.why = "a redirect to " + c.target(a.header.Get("Location")) + ", which is not followed, because the credential would go with it; check the endpoint"
		return e
	case a.status == http.StatusTooManyRequests:
		// Who counts requests may do it after the work, or send one twice itself.
		e.maybeDone = !call.idempotent()
		e.again = call.idempotent() || call.Look != nil
		e.why = "too many requests"
		return e
	case a.status == http.StatusUnauthorized, a.status == http.StatusForbidden:
		e.causes = []error{backend.ErrForbidden}
		return e
	case a.status >= 500:
		e.maybeDone = write
		e.again = call.idempotent() && a.status != http.StatusNotImplemented
		e.after = c.asked(a.header)
		return e
	case a.status < 200 || a.status >= 300:
		return e
	}
	// It claims success: whether something was done is open where the answer is
	// not the service's.
	e.maybeDone = write
	if e.why = fault(call, a, len(e.Sayings) > 0); e.why == "" {
		return nil
	}
	return e
}

// fault says what is wrong with the body of a success, without a word of it.
func fault(call Call, a *answer, sayings bool) string {
	body := bytes.TrimSpace(a.body)
	switch {
	case a.excess != "":
		return "an answer that " + a.excess + ", and so is none of this API; check the endpoint"
	case call.Within != nil && !call.Within.fits(len(body)):
		return fmt.Sprintf("more than %d MiB of one list; check the endpoint", outside.MostListedBytes>>20)
	case call.Method == http.MethodDelete && a.status != http.StatusNoContent && !sayings:
		// These services answer a deletion with 204. Another answer may be anybody's,
		// and what it is about must not be forgotten then.
		return "not with 204, as this service answers a deletion; check the endpoint, or a proxy on the way"
	case len(body) == 0 && call.Into == nil && a.status == http.StatusNoContent:
		return ""
	case len(body) == 0:
		return "an empty answer; a proxy on the way may have cut it off"
	case body[0] == '<' || strings.HasPrefix(a.header.Get("Content-Type"), "text/html"):
		return "a web page where JSON belongs; check the endpoint, or a proxy on the way"
	case sayings:
		return "an error"
	}
	if call.Into == nil {
		if !json.Valid(body) {
			return "something that is not JSON; check the endpoint, or a proxy on the way"
		}
		return ""
	}
	var (
		syntax *json.SyntaxError
		excess *outside.Excess
	)
	err := json.Unmarshal(body, call.Into)
	switch {
	case string(body) == "null":
		return "null where an answer belongs"
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(body)):
		return "JSON that is cut off; a proxy on the way may have done it"
	case errors.As(err, &syntax):
		return "something that is not JSON; check the endpoint, or a proxy on the way"
	case errors.As(err, &excess):
		return "JSON that " + excess.Error() + ", which this service never sends; check the endpoint"
	case err != nil:
		return "JSON of another shape than the service documents"
	}
	return ""
}

// target names the host of a redirect and nothing else of it.
func (c *Caller) target(location string) string {
	to, err := c.base.Parse(location)
	switch {
	case err != nil || location == "":
		return "an address that cannot be read"
	case to.Scheme == c.base.Scheme && to.Host == c.base.Host:
		return "another path of " + c.base.Host
	}
	return c.plain((&url.URL{Scheme: to.Scheme, Host: to.Host}).String())
}

// The bounds of what is shown of an answer.
const (
	mostSayings = 10
	mostText    = 500 // characters
)

func (c *Caller) clean(sayings []Saying) []Saying {
	if len(sayings) > mostSayings {
		sayings = sayings[:mostSayings]
	}
	for i, s := range sayings {
		sayings[i] = Saying{Field: c.plain(s.Field), Text: c.plain(s.Text), Code: c.plain(s.Code)}
	}
	return sayings
}

// plain makes a text of the service fit to be shown: one line, short, and without
// anything that looks like a secret.
func (c *Caller) plain(text string) string {
	text = strings.ReplaceAll(text, c.credential(), "[credential]")
	if c.secrets != nil {
		text = c.secrets.ReplaceAllString(text, "[secret]")
	}
	return outside.Line(text, mostText)
}

// quote joins sayings for a sentence.
func quote(sayings []Saying) string {
	var parts []string
	for _, s := range sayings {
		part := fmt.Sprintf("%q", s.Text)
		if s.Field != "" {
			part = s.Field + ": " + part
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}
