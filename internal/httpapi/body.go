package httpapi

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/strictjson"
)

// readBody reads a body of at most api.MaxBody bytes, and refuses one that is not
// JSON by its type before it reads it. The server's own timeout bounds how long
// that takes.
func readBody(x *exchange, r *http.Request) ([]byte, error) {
	if r.ContentLength == 0 {
		return nil, nil
	}
	tooLarge := refuse(api.CodeBodyTooLarge, "The body is too large: at most %d bytes are read.", api.MaxBody)
	if r.ContentLength > api.MaxBody {
		return nil, tooLarge
	}
	if !isJSON(r.Header.Get("Content-Type")) {
		return nil, refuse(api.CodeUnsupportedMediaType, "The body must be JSON in UTF-8: send Content-Type: application/json.")
	}
	// The buffer grows with what arrives: a length that a request only declares holds no memory.
	text, err := io.ReadAll(http.MaxBytesReader(x, r.Body, api.MaxBody))
	var limit *http.MaxBytesError
	switch {
	case errors.As(err, &limit):
		return nil, tooLarge
	case err != nil:
		x.gone = r.Context().Err() != nil
		return nil, refuse(api.CodeInvalidRequest, "The request's body could not be read to its end.")
	}
	return text, nil
}

func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	media, params, err := mime.ParseMediaType(contentType)
	charset := params["charset"]
	return err == nil && media == "application/json" && (charset == "" || strings.EqualFold(charset, "utf-8"))
}

// body is a request's body of JSON. huma describes it by the schema of T and
// leaves reading it to decode, so that every call has one decoder.
type body[T any] struct {
	value T
	fault error
}

// Schema is the schema of T.
func (body[T]) Schema(r huma.Registry) *huma.Schema { return schemaOf[T](r) }

// Resolve reports what was wrong with the body.
func (b *body[T]) Resolve(huma.Context) []error {
	if b.fault == nil {
		return nil
	}
	return []error{b.fault}
}

func (b *body[T]) read(r huma.Registry, text []byte) {
	b.value, b.fault = strictjson.Decode[T](r, schemaOf[T](r), text)
}

// jsonFormat makes huma read bodies with decode and write answers as JSON.
func jsonFormat(r huma.Registry) huma.Format {
	return huma.Format{
		Marshal: writeJSON,
		Unmarshal: func(text []byte, v any) error {
			b, ok := v.(interface {
				read(r huma.Registry, text []byte)
			})
			if !ok {
				return errors.New("a body that is not a body[T]")
			}
			b.read(r, text)
			return nil
		},
	}
}

// writeJSON writes an answer. Here alone a secret leaves the management API.
func writeJSON(w io.Writer, answer any) error {
	text, err := api.MarshalWire(answer)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// schemaOf returns a reference to the schema of T, which it adds to the document
// when it is not there yet.
func schemaOf[T any](r huma.Registry) *huma.Schema { return r.Schema(reflect.TypeFor[T](), true, "") }
