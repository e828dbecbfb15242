package httpapi

import (
	"strconv"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

// etag is a revision as an entity tag.
func etag(revision int64) string { return `"` + strconv.FormatInt(revision, 10) + `"` }

// ifMatch reads an If-Match header: one entity tag as this server gives them, or
// * for any. A weak tag never matches a write and a list of tags says that the
// caller does not know what it has read, so both are refused.
func ifMatch(header string) (*int64, error) {
	header = strings.TrimSpace(header)
	if header == "" || header == "*" {
		return nil, nil
	}
	number, opened := strings.CutPrefix(header, `"`)
	number, closed := strings.CutSuffix(number, `"`)
	revision, err := strconv.ParseInt(number, 10, 64)
	if !opened || !closed || err != nil || etag(revision) != header {
		return nil, keyring.RefuseFields(api.CodeInvalidRequest, api.FieldError{
			Field: "If-Match", Message: `must be the ETag of one answer, such as "3" with its quotes, or *`,
		})
	}
	return &revision, nil
}
