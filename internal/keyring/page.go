package keyring

import (
	"fmt"
	"strconv"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// limit checks the size of a page.
func (f *faults) limit(n int) {
	if n < 1 || n > api.MaxPageSize {
		f.add("limit", "must be 1 to %d", api.MaxPageSize)
	}
}

// cursor reads the place after which a page begins.
func (f *faults) cursor(cursor string, after *int64) {
	if cursor == "" {
		return
	}
	seq, err := decodeSeq(cursor)
	if err != nil {
		f.add("cursor", "is not one that this server gave; start again without it")
		return
	}
	*after = seq
}

// nextCursor is the cursor of the page that begins after a place; empty for no page.
func nextCursor(next int64) string {
	if next == 0 {
		return ""
	}
	return encodeSeq(next)
}

// A cursor is the number of the last record before the page. One that was made up
// shows nothing that the list would not, so it needs no signature.
func encodeSeq(seq int64) string { return strconv.FormatInt(seq, 10) }

func decodeSeq(cursor string) (int64, error) {
	seq, err := strconv.ParseInt(cursor, 10, 64)
	if err != nil || seq < 1 || encodeSeq(seq) != cursor {
		return 0, fmt.Errorf("cursor %q is not the number of a record", cursor)
	}
	return seq, nil
}
