package httpapi

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// firstRead notes how large a buffer is held for a body of which nothing has arrived.
type firstRead struct{ size int }

func (f *firstRead) Read(p []byte) (int, error) {
	if f.size == 0 {
		f.size = len(p)
	}
	return 0, io.ErrUnexpectedEOF
}

func TestReadBody_HoldsNoMemoryForWhatIsOnlyDeclared(t *testing.T) {
	t.Parallel()
	for _, declared := range []int64{api.MaxBody, 1, -1} {
		body := &firstRead{}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", body)
		r.Header.Set("Content-Type", "application/json")
		r.ContentLength = declared
		text, err := readBody(&exchange{ResponseWriter: httptest.NewRecorder()}, r)
		if err == nil || text != nil {
			t.Errorf("declared %d: %q, %v", declared, text, err)
		}
		if body.size == 0 || body.size > 4<<10 {
			t.Errorf("declared %d: a buffer of %d bytes is held before anything has arrived", declared, body.size)
		}
	}
}
