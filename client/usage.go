package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// Usage returns how often a key was let in during the last days, today included, and
// which of its scopes nobody asked for. Days are those of UTC; 0 leaves their
// number to the server. It fails with ErrNotFound when there is no such key, and
// with ErrValidation for more days than the server keeps counts.
func (s *APIKeyService) Usage(ctx context.Context, id string, days int) (*api.APIKeyUsage, error) {
	o := s.to(http.MethodGet, partUsage, id)
	if days < 0 {
		return nil, o.invalid(fmt.Sprintf("the number of days must not be negative, it is %d", days))
	}
	q := query{}
	if days > 0 {
		q.set("days", strconv.Itoa(days))
	}
	o.query = url.Values(q)
	return call(ctx, s.use(), o, checkUsage)
}

// checkUsage lets no half of an answer through: scopes that are missing in it would
// look as if nobody used them.
func checkUsage(usage *api.APIKeyUsage) string {
	switch {
	case usage.APIKeyID == "":
		return "has usage of no API key"
	case usage.Since == "":
		return "has usage without its first day"
	case usage.ObservedSince.IsZero():
		return "has usage without the time from which on it was observed"
	case usage.Scopes == nil || usage.Days == nil || usage.UnusedScopes == nil:
		return "has usage without its scopes or days, not even empty lists of them"
	}
	return ""
}
