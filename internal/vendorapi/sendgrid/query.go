package sendgrid

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

// query is what follows the "?". Parameters that nobody asks for are passed over, as
// SendGrid does.
type query struct{ url.Values }

func (c *call) query() (query, error) {
	sent, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return query{}, refusal(http.StatusBadRequest, "unable to read the query")
	}
	return query{sent}, nil
}

// number returns a whole number of at least least, or instead where it is left out.
func (q query) number(name string, least, instead int) (int, *fault) {
	if !q.Has(name) {
		return instead, nil
	}
	n, err := strconv.Atoi(q.Get(name))
	if err != nil || n < least {
		return 0, invalid(name, fmt.Sprintf("must be a whole number of at least %d", least))
	}
	return n, nil
}
