package mailchannels

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// maxBody bounds what is read of a request, in bytes.
const maxBody = 64 << 10

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

// decode reads the JSON object in the body. No error repeats any of it: a secret may
// have been put there.
func decode(r *http.Request, into any) error {
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return refuse(http.StatusBadRequest, "The body must be at most %d bytes.", maxBody)
	}
	if err != nil {
		return refuse(http.StatusBadRequest, "The body could not be read to its end.")
	}
	err = json.Unmarshal(text, into)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return refuse(http.StatusBadRequest, "%s is of the wrong type.", wrong.Field)
	}
	if err != nil || !strings.HasPrefix(strings.TrimSpace(string(text)), "{") {
		return refuse(http.StatusBadRequest, "The body must be a JSON object.")
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
		sent, ok := r.URL.Query()[one.name]
		if !ok {
			continue
		}
		n, err := strconv.Atoi(sent[0])
		if err != nil || len(sent) > 1 || n < one.least || n > one.most {
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
