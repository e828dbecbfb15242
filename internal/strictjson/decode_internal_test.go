package strictjson

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

func registry() huma.Registry {
	r := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	r.RegisterTypeAlias(reflect.TypeFor[api.NullableTime](), reflect.TypeFor[*time.Time]())
	return r
}

func schemaOf[T any](r huma.Registry) *huma.Schema { return r.Schema(reflect.TypeFor[T](), true, "") }

// The scanner takes what encoding/json takes, but for what is refused on purpose.
func FuzzScannerAgreesWithEncodingJSON(f *testing.F) {
	for _, seed := range []string{
		`{}`, `[]`, `null`, `true`, `-0.5e+7`, `01`, `1.`, `.5`, `1e`, `"a\u00e9\n"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ude00"`, `"\x"`, `"a`, "\"\x01\"",
		`{"a":1,"a":2}`, `{"a" 1}`, `{"a":1,}`, `[1,]`, `[1 2]`, `[,1]`, `{"a":{"b":[{"c":"d"}]}}`, ` {"a" : [ 1 , 2 ] } `, `nul`, `truex`, "\xff", "{}\x00", `-`, `--1`, `"\u12"`, `"\`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		d := decoder{scanner: scanner{text: text}}
		err := d.whole(nil)
		valid := json.Valid(text) && utf8.Valid(text)
		if err == nil && !valid {
			t.Fatal("takes what is no JSON")
		}
		if err == nil || !valid {
			return
		}
		for _, onPurpose := range []string{"half of a character", "nested too deeply", "too many fields", "see "} {
			if strings.Contains(err.Error(), onPurpose) {
				return
			}
		}
		t.Fatalf("refuses JSON: %v", err)
	})
}

// Whatever is sent, Decode answers with a code and repeats nothing of it.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{`{"secret":"hushhush"}`, `{"secret":"x","scopes":["a",null]}`, `{"secret":1}`, `{"secret":"x","Secret":"y"}`, `{"secret":"(secret)"}`, `[]`, `{`} {
		f.Add([]byte(seed))
	}
	r := registry()
	schema := schemaOf[api.VerifyRequest](r)
	f.Fuzz(func(t *testing.T, text []byte) {
		out, err := Decode[api.VerifyRequest](r, schema, text)
		if err == nil {
			var again api.VerifyRequest
			if json.Unmarshal(text, &again) != nil || !again.Secret.Equal(out.Secret) {
				t.Fatal("decodes differently than encoding/json")
			}
			return
		}
		known := &keyring.Error{}
		if !errors.As(err, &known) {
			t.Fatalf("an error without a code: %v", err)
		}
		if strings.Contains(err.Error(), "hushhush") {
			t.Fatalf("repeats what was sent: %v", err)
		}
	})
}

func TestDecode_Paths(t *testing.T) {
	t.Parallel()
	type deep struct {
		List []struct {
			At api.NullableTime `json:"at,omitzero"`
			In struct {
				Name string `json:"name"`
			} `json:"in"`
		} `json:"list" nullable:"false"`
	}
	r := registry()
	schema := schemaOf[deep](r)
	_, err := Decode[deep](r, schema, []byte(`{"list":[{"in":{"name":"x"},"at":null},{"at":"soon","in":{"nam":7}}]}`))
	want := []api.FieldError{
		{Field: "list[1].at", Message: `must be a time as in RFC 3339, such as "2030-01-31T12:00:00Z"`},
		{Field: "list[1].in.nam", Message: `is not a field of this request; the nearest is "name"`},
		{Field: "list[1].in.name", Message: "is required"},
	}
	known := &keyring.Error{}
	if !errors.As(err, &known) || len(known.Fields) != len(want) {
		t.Fatalf("got %v", err)
	}
	for i := range want {
		if known.Fields[i] != want[i] {
			t.Errorf("got %v, want %v", known.Fields[i], want[i])
		}
	}
}

func TestDecode_BoundsWhatItSays(t *testing.T) {
	t.Parallel()
	r := registry()
	schema := schemaOf[api.VerifyRequest](r)
	_, err := Decode[api.VerifyRequest](r, schema, []byte(`{"secret":"x","scopes":[`+strings.Repeat("1,", 5000)+`1]}`))
	known := &keyring.Error{}
	if !errors.As(err, &known) || len(known.Fields) != maxFaults {
		t.Errorf("names %d fields, want %d", len(known.Fields), maxFaults)
	}
}

// A program that sends what it read in a log would make the placeholder a working secret.
func TestDecode_RefusesThePlaceholderOfASecret(t *testing.T) {
	t.Parallel()
	r := registry()
	for _, text := range []string{`{"name":"ci","secret":"(secret)"}`, `{"secret":"\u0028secret)"}`} {
		_, err := Decode[api.CreateAPIKey](r, schemaOf[api.CreateAPIKey](r), []byte(text))
		known := &keyring.Error{}
		if !errors.As(err, &known) || known.Code != api.CodeValidationFailed || len(known.Fields) != 1 || known.Fields[0].Field != "secret" {
			t.Errorf("%s: %v", text, err)
		}
	}
}
