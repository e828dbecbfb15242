package mailchannels

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/secret"
	"github.com/postern-dev/terraform-provider-postern/internal/strictjson"
	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi"
)

// credential is what the caller proves itself with.
func credential(h http.Header) (secret.Secret, error) {
	sent := h.Values("X-Api-Key")
	switch {
	case len(sent) > 1:
		return secret.Secret{}, refuse(http.StatusBadRequest, "X-Api-Key must be sent once.")
	case len(sent) == 0 || strings.TrimSpace(sent[0]) == "":
		return secret.Secret{}, refuse(http.StatusUnauthorized, "No API key was sent. Send one in X-Api-Key.")
	}
	return secret.From(strings.TrimSpace(sent[0])), nil
}

// decode reads the JSON object in the body into the fields that are named. MailChannels'
// description leaves its objects open, so that a field of another name is passed over. No
// error repeats a value: a secret may have been put there.
func decode(r *http.Request, fields map[string]any) error {
	text, err := vendorapi.ReadBody(r)
	if err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(fields))
	members, err := strictjson.Object(text, names...)
	if err != nil {
		return err
	}
	for _, name := range names {
		if value, ok := members[name]; ok && json.Unmarshal(value, fields[name]) != nil {
			return refuse(http.StatusBadRequest, "%s is of the wrong type.", name)
		}
	}
	return nil
}

// maxPage is the most that a list returns, of sub-accounts as of keys.
const maxPage = 1000

// window is the part of a list that is asked for.
type window struct{ limit, offset int }

// windowOf reads limit and offset. Bounds are MailChannels'; 400 for what is outside of
// them is declared for sub-accounts only, and is ours for keys.
func windowOf(r *http.Request, limit int) (window, error) {
	in := window{limit: limit}
	query, err := vendorapi.Query(r, "limit", "offset")
	if err != nil {
		return in, err
	}
	for _, one := range []struct {
		name  string
		into  *int
		least int
		most  int
		words string
	}{
		{"limit", &in.limit, 1, maxPage, "limit must be 1 to 1000."},
		{"offset", &in.offset, 0, 1 << 31, "offset must be a whole number and not negative."},
	} {
		if !query.Has(one.name) {
			continue
		}
		n, err := strconv.Atoi(query.Get(one.name))
		if err != nil || n < one.least || n > one.most {
			return in, refuse(http.StatusBadRequest, "%s", one.words)
		}
		*one.into = n
	}
	return in, nil
}

// pages cuts a window out of a list that the keyring gives in pages by cursor. It reads
// what comes before the window, too.
func pages[T any](in window, next func(cursor string, limit int) ([]T, string, error)) ([]T, error) {
	const most = 500 // the keyring's largest page
	out, cursor, skip := []T{}, "", in.offset
	for {
		found, more, err := next(cursor, min(most, skip+in.limit-len(out)))
		if err != nil {
			return nil, err
		}
		passed := min(skip, len(found))
		skip -= passed
		out = append(out, found[passed:]...)
		if more == "" || len(out) >= in.limit {
			return out, nil
		}
		cursor = more
	}
}
