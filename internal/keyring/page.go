package keyring

import (
	"encoding/base64"
	"encoding/json"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// page cuts what was found to the limit. One more than that shows that there is a
// next page, whose cursor it returns.
func page[T any](found []T, limit int, at func(T) Position) ([]T, string) {
	if len(found) <= limit {
		return found, ""
	}
	return found[:limit], encodeCursor(at(found[limit-1]))
}

// limit checks the size of a page.
func (f *faults) limit(n int) {
	if n < 1 || n > api.MaxPageSize {
		f.add("limit", "must be 1 to %d", api.MaxPageSize)
	}
}

// cursor reads the place after which a page begins.
func (f *faults) cursor(cursor string, after **Position) {
	if cursor == "" {
		return
	}
	at, err := decodeCursor(cursor)
	if err != nil {
		f.add("cursor", "is not one that this server gave; start again without it")
		return
	}
	*after = at
}

// A cursor is only a place in the caller's own list: one that was made up
// shows nothing that the list would not, so it needs no signature.
func encodeCursor(at Position) string {
	text, err := json.Marshal(at)
	if err != nil {
		panic(err) // a time and a string always encode
	}
	return base64.RawURLEncoding.EncodeToString(text)
}

func decodeCursor(cursor string) (*Position, error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, err
	}
	var at Position
	if err := json.Unmarshal(text, &at); err != nil {
		return nil, err
	}
	at.CreatedAt = at.CreatedAt.UTC()
	return &at, nil
}
