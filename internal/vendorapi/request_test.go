package vendorapi_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/vendorapi"
)

// trickle is a body that gives a byte at a time, and notes how much room it was offered.
type trickle struct {
	left int
	room int
	err  error
}

func (b *trickle) Read(p []byte) (int, error) {
	b.room = max(b.room, len(p))
	if b.left == 0 {
		return 0, b.err
	}
	b.left--
	p[0] = 'x'
	return 1, nil
}

// A caller that declares 64 KiB and sends a few bytes must not cost 64 KiB.
func TestReadBody_NeedsNoMoreRoomThanHasArrived(t *testing.T) {
	t.Parallel()
	for declared := range map[int64]bool{api.MaxBody: true, 10: true, -1: true} {
		b := &trickle{left: 10, err: io.ErrUnexpectedEOF}
		r := &http.Request{Body: io.NopCloser(b), ContentLength: declared}
		if _, err := vendorapi.ReadBody(r); err == nil {
			t.Errorf("%d declared: a body that breaks off is taken", declared)
		}
		if b.room > 1024 {
			t.Errorf("%d declared, 10 sent: %d bytes were made ready", declared, b.room)
		}
	}
}

func TestReadBody_RefusesWhatIsTooLargeBeforeItReads(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sent     int
		declared int64
		code     api.Code
		unread   bool
	}{
		"the most":              {api.MaxBody, api.MaxBody, "", false},
		"declared too large":    {5, api.MaxBody + 1, api.CodeBodyTooLarge, true},
		"too large, undeclared": {api.MaxBody + 1, -1, api.CodeBodyTooLarge, false},
	} {
		b := bytes.NewReader(bytes.Repeat([]byte(" "), c.sent))
		text, err := vendorapi.ReadBody(&http.Request{Body: io.NopCloser(b), ContentLength: c.declared})
		known := &keyring.Error{}
		if errors.As(err, &known); known.Code != c.code || err == nil && len(text) != c.sent {
			t.Errorf("%s: %d bytes, %v", name, len(text), err)
		}
		if c.unread && b.Len() != c.sent {
			t.Errorf("%s: it was read", name)
		}
	}
}
