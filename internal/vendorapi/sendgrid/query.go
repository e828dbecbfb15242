package sendgrid

import (
	"fmt"
	"math"
	"net/url"
	"strconv"

	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi"
)

// query is what follows the "?". Parameters that are not known are passed over, as SendGrid
// does.
type query struct{ url.Values }

func (c *call) query(known ...string) (query, error) {
	sent, err := vendorapi.Query(c.r, known...)
	return query{sent}, err
}

// noMost is for a number that has no upper bound of its own.
const noMost = math.MaxInt32

// number returns a whole number from least to most, or instead where it is left out.
func (q query) number(name string, least, most, instead int) (int, *fault) {
	if !q.Has(name) {
		return instead, nil
	}
	n, err := strconv.Atoi(q.Get(name))
	if err == nil && n >= least && n <= most {
		return n, nil
	}
	if most == noMost {
		return 0, invalid(name, fmt.Sprintf("must be a whole number of at least %d", least))
	}
	return 0, invalid(name, fmt.Sprintf("must be a whole number from %d to %d", least, most))
}

// boolean returns a boolean, false where it is left out.
func (q query) boolean(name string) (bool, *fault) {
	if !q.Has(name) {
		return false, nil
	}
	b, err := strconv.ParseBool(q.Get(name))
	if err != nil {
		return false, invalid(name, "must be true or false")
	}
	return b, nil
}
