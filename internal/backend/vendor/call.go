package vendor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// Call is one call of the service.
type Call struct {
	Method string
	Path   string // below the endpoint, escaped
	// Route is Path without ids, such as "/v3/api_keys/{id}": it names the call in
	// errors, and calls of one route and method are slowed together.
	Route  string
	Query  url.Values
	Header map[string]string // of this request alone, beside those of Settings
	Body   any               // sent as JSON; nil for none
	Into   any               // where the answer's JSON goes; nil where none is needed
	// Yields ends the call when the user interrupts it while it waits to be sent, also
	// where its context would go on: see backend.Interruptible. It is for a POST,
	// which is only ever sent again when it was not carried out.
	Yields bool
	// Look is called before a POST is sent again after a 429, which does not prove that
	// nothing was done. It looks whether the POST was carried out, and its error ends the
	// call as one whose answer was lost. Without Look such a POST is not sent again.
	Look func(ctx context.Context) error
	// Idempotent is for a POST that does no more when it is carried out twice.
	Idempotent bool
	List       bool    // the answer may be up to 16 MiB long, instead of 1
	Within     *Bounds // the list that the answer is a page of; nil for none
}

// idempotent reports whether sending the call twice does what sending it once does.
func (c Call) idempotent() bool { return c.Method != http.MethodPost || c.Idempotent }

// Do makes a call, with retries, and fills Into. Its error is an *Error, or says what
// is wrong with the call itself.
//
// An attempt is repeated when the service answers 429; and for every method but
// POST also after an answer of the 5xx kind or none. A POST may have been carried
// out then, and so is repeated only when no connection came about at all, or after a
// 429 and a look at what is there: see Call.Look.
func (c *Caller) Do(ctx context.Context, call Call) error {
	var body []byte
	if call.Body != nil {
		var err error
		if body, err = json.Marshal(call.Body); err != nil {
			return fmt.Errorf("writing the request %s %s: %w", call.Method, call.Route, err)
		}
	}
	for name, value := range call.Header {
		if !sendable(value) {
			return fmt.Errorf("the header %s of %s %s would hold characters that no header can", name, call.Method, call.Route)
		}
	}
	waits := ctx
	if call.Yields {
		waits = backend.Interruptible(ctx)
	}
	unsure := false // an earlier attempt may have been carried out
	for attempt := 0; ; attempt++ {
		failed := c.attempt(ctx, waits, call, body)
		if failed == nil {
			return nil
		}
		failed.Repeated = unsure
		if !failed.again || attempt >= c.maxRetries {
			return failed.told(attempt, unsure)
		}
		if failed.Status == http.StatusTooManyRequests {
			// The pace holds the next attempt back, and others of this route.
			if stop := c.look(waits, call, failed); stop != nil {
				return stop.told(attempt, unsure)
			}
			continue
		}
		unsure = unsure || failed.maybeDone
		if c.sleep(waits, c.backoff(attempt, failed.after)) != nil {
			return c.givenUp(waits, call, failed).told(attempt, unsure)
		}
	}
}

// attempt waits for its turn, sends once and reads the answer.
func (c *Caller) attempt(ctx, waits context.Context, call Call, body []byte) *Error {
	if err := c.pace.wait(waits, call.Method+" "+call.Route, c.now, c.sleep); err != nil {
		return c.givenUp(waits, call, nil)
	}
	a, failed := c.exchange(ctx, call, body)
	if failed != nil {
		return failed
	}
	c.tick(a.header)
	c.slow(call, a)
	return c.judge(call, a)
}

// look waits as long as a 429 holds a POST back, and then finds out whether it was carried
// out all the same. It returns the end of the call, or nil where it may be sent again.
func (c *Caller) look(waits context.Context, call Call, limited *Error) *Error {
	if call.idempotent() {
		return nil
	}
	if c.pace.waitHeld(waits, call.Method+" "+call.Route, c.now, c.sleep) != nil {
		stop := c.givenUp(waits, call, limited)
		stop.maybeDone = true
		return stop
	}
	if err := call.Look(waits); err != nil {
		limited.causes = append(limited.causes, err)
		return limited
	}
	return nil
}

// givenUp is a call that its caller ended while nothing was on the way.
func (c *Caller) givenUp(ctx context.Context, call Call, last *Error) *Error {
	e := c.newError(call)
	e.why = "the call was given up while it waited for its turn"
	if last != nil {
		e.why = "the call was given up while it waited to try again after: " + strings.TrimSuffix(last.Error(), ".")
	}
	e.causes = []error{context.Cause(ctx)}
	if ctx.Err() != nil && !errors.Is(context.Cause(ctx), ctx.Err()) {
		e.causes = append(e.causes, ctx.Err())
	}
	return e
}
