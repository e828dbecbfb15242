package sendgrid

import (
	"net/http"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi"
)

// headerFor names the subuser for whom a parent's credential acts.
const headerFor = "On-Behalf-Of"

// call is one request of a caller who is known.
type call struct {
	*Handler
	w       http.ResponseWriter
	r       *http.Request
	who     keyring.Caller // in the subuser that it acts for, if any
	subuser string         // whom it acts for; empty for nobody
}

// answer runs an endpoint: it finds out who is calling, counts the request, and turns
// an error into SendGrid's answer.
func (h *Handler) answer(w http.ResponseWriter, r *http.Request, e endpoint) {
	now := h.now()
	c := &call{Handler: h, w: w, r: r}
	err := c.authenticate()
	account := c.who.Account.ID
	if err == nil && !h.limits.take(account, e.method+" "+e.path, now) {
		err = refusal(http.StatusTooManyRequests, "too many requests")
	}
	h.limits.show(w.Header(), account, e.method+" "+e.path, now)
	if err == nil {
		err = c.act(e)
	}
	if err == nil {
		_, err = c.query() // a query that cannot be read, also where none is asked for
	}
	if err == nil {
		err = e.do(c)
	}
	if err != nil {
		h.fail(w, r, e, err)
	}
}

// authenticate finds out who is calling. An account of another platform has no such
// paths: it is answered as SendGrid answers a key that may not do something.
func (c *call) authenticate() error {
	sent := c.r.Header.Values("Authorization")
	if len(sent) == 0 {
		return refusal(http.StatusUnauthorized, "authorization required")
	}
	scheme, key, _ := strings.Cut(strings.TrimSpace(sent[0]), " ")
	if key = strings.TrimSpace(key); len(sent) > 1 || key == "" || !strings.EqualFold(scheme, "Bearer") {
		return refusal(http.StatusUnauthorized, "authorization required")
	}
	who, err := vendorapi.Authenticate(c.config.Keyring, c.w, c.r, secret.From(key))
	if err != nil {
		return err
	}
	if who.Account.Platform != platformName {
		return refusal(http.StatusForbidden, "access forbidden")
	}
	c.who = who
	return nil
}

// act puts the caller into the subuser that it acts for. An empty header is refused:
// the request would else work in the parent's account by mistake. So is one where
// the call is about subusers, which have no subusers; both are our choice, as
// SendGrid documents neither.
func (c *call) act(e endpoint) error {
	sent := c.r.Header.Values(headerFor)
	switch {
	case len(sent) == 0:
		return nil
	case e.subusers:
		return refusal(http.StatusForbidden, "access forbidden")
	case len(sent) > 1 || strings.TrimSpace(sent[0]) == "":
		return invalid("on-behalf-of", "must name one subuser")
	}
	c.subuser = strings.TrimSpace(sent[0])
	c.who = c.who.In(c.subuser)
	return nil
}

// reply sends an answer.
func (c *call) reply(status int, answer any) error {
	send(c.w, status, answer)
	return nil
}

// done answers 204, without a body.
func (c *call) done() error {
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// fail answers with an error. What the caller may not know is logged here, and only
// here.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, e endpoint, err error) {
	f := e.translate(err)
	if f.status >= http.StatusInternalServerError && r.Context().Err() == nil {
		h.config.Log.Error("request failed", "request_id", w.Header().Get(api.HeaderRequestID), "route", e.path, "cause", keyring.Cause(err))
	}
	if f.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	send(w, f.status, f)
}
