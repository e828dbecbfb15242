package api

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"text/template"
	"unsafe"

	"github.com/google/go-cmp/cmp"
)

const marker = "MUSTnotSHOW"

// shows reports whether a text has the marker, plain or in one of the forms that verbs and
// encoders give it.
func shows(text string) bool {
	bare := strings.NewReplacer(" ", "", "0x", "", ",", "").Replace(strings.ToLower(text))
	return strings.Contains(text, marker) || strings.Contains(bare, fmt.Sprintf("%x", marker)) ||
		strings.Contains(text, strings.Trim(fmt.Sprintf("%d", []byte(marker)), "[]")) ||
		strings.Contains(text, base64.StdEncoding.EncodeToString([]byte(marker))[:14])
}

// Places where a Secret can be, exported and not, at every depth that package fmt treats
// differently.
type (
	hiddenField  struct{ s Secret }
	hiddenPoint  struct{ p *Secret }
	hiddenAny    struct{ v any }
	hiddenDeep   struct{ in *hiddenField }
	hiddenKey    struct{ k IssuedAPIKey }
	hiddenMap    struct{ m map[string]Secret }
	hiddenSlice  struct{ all []Secret }
	Embeds       struct{ Secret }
	hiddenEmbeds struct{ CreateAPIKey }
	hiddenChain  struct {
		next *hiddenChain
		keys []*IssuedAPIKey
	}
)

// nestings are values that hold the secret, by where they do.
func nestings() map[string]any {
	s := NewSecret(marker)
	issued := IssuedAPIKey{APIKey: APIKey{ID: "key_1"}, Secret: s}
	all := map[string]any{
		"itself": s, "a struct": struct{ S Secret }{s}, "a struct of any": struct{ V any }{s}, "unexported": hiddenField{s},
		"unexported pointer": hiddenPoint{&s}, "unexported any": hiddenAny{s}, "unexported any pointer": hiddenAny{&s},
		"unexported deep": hiddenDeep{&hiddenField{s}}, "unexported key": hiddenKey{issued}, "unexported map": hiddenMap{map[string]Secret{"a": s}},
		"unexported slice": hiddenSlice{[]Secret{s}}, "embedded": Embeds{s}, "embedded request": hiddenEmbeds{CreateAPIKey{Secret: s}},
		"chain": hiddenChain{next: &hiddenChain{keys: []*IssuedAPIKey{&issued}}},
		"slice": []Secret{s}, "slice of any": []any{s, &s}, "slice of keys": []IssuedAPIKey{issued}, "array": [1]Secret{s},
		"map": map[string]Secret{"a": s}, "map of any": map[string]any{"a": &issued}, "page": Page[IssuedAPIKey]{Items: []IssuedAPIKey{issued}},
		"issued": issued, "create": CreateAPIKey{Secret: s}, "rotate": RotateAPIKey{Secret: s}, "verify": VerifyRequest{Secret: s},
		"error": fmt.Errorf("making %v", issued), "reflected": reflect.ValueOf(issued),
	}
	pointers := map[string]any{}
	for where, v := range all {
		p := reflect.New(reflect.TypeOf(v))
		p.Elem().Set(reflect.ValueOf(v))
		pointers["pointer to "+where] = p.Interface()
		pp := reflect.New(p.Type())
		pp.Elem().Set(p)
		pointers["pointer to pointer to "+where] = pp.Interface()
	}
	for where, v := range pointers {
		all[where] = v
	}
	return all
}

// printers are all ways to turn a value into text.
func printers() map[string]func(v any) string {
	out := map[string]func(any) string{
		"Sprint": func(v any) string { return fmt.Sprint(v, []any{v}) }, "Sprintln": func(v any) string { return fmt.Sprintln(v) },
		"json": func(v any) string { text, err := json.Marshal(v); return string(text) + fmt.Sprint(err) },
		"json of an indent": func(v any) string {
			text, err := json.MarshalIndent(map[string]any{"v": v}, "", " ")
			return string(text) + fmt.Sprint(err)
		},
		"xml": func(v any) string { text, err := xml.Marshal(v); return string(text) + fmt.Sprint(err) },
		"gob": func(v any) string {
			var out bytes.Buffer
			err := gob.NewEncoder(&out).Encode(v)
			return out.String() + fmt.Sprint(err)
		},
		"template": func(v any) string {
			var out strings.Builder
			err := template.Must(template.New("").Parse(`{{.}}{{printf "%#v %p" . .}}`)).Execute(&out, v)
			return out.String() + fmt.Sprint(err)
		},
		"go-cmp": func(v any) string {
			return cmp.Diff(v, reflect.Zero(reflect.TypeOf(v)).Interface(), cmp.Exporter(func(reflect.Type) bool { return true }))
		},
		"reflection that goes everywhere": func(v any) string {
			var out strings.Builder
			walk(&out, reflect.ValueOf(v), 0)
			return out.String()
		},
		"slog text": func(v any) string {
			return logged(v, func(out *bytes.Buffer) slog.Handler { return slog.NewTextHandler(out, nil) })
		},
		"slog JSON": func(v any) string {
			return logged(v, func(out *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(out, nil) })
		},
		"slog value": func(v any) string { return slog.AnyValue(v).Resolve().String() },
		"panic": func(v any) (text string) {
			defer func() { text = fmt.Sprint(recover()) }()
			panic(v)
		},
	}
	for _, verb := range "bcdeEfFgGoOpqstTuUvxXwz%!" {
		for _, flags := range []string{"", "+", "#", " ", "-40.20", "040", "+#", "# ", "[1]", "+#040.3"} {
			format := "%" + flags + string(verb)
			out[format] = func(v any) string { return fmt.Sprintf(format, v) + fmt.Errorf(format, v).Error() }
		}
	}
	return out
}

func logged(v any, handler func(*bytes.Buffer) slog.Handler) string {
	var out bytes.Buffer
	log := slog.New(handler(&out))
	log.With("v", v).WithGroup("g").Info("m", "v", v, slog.Group("h", slog.Any("v", v)), "all", []any{v})
	log.Info("m", v, v)
	return out.String()
}

// walk writes all that reflection can reach, unexported fields and what pointers lead to as
// well.
func walk(out *strings.Builder, v reflect.Value, depth int) {
	if depth > 20 {
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walk(out, v.Elem(), depth+1)
		}
	case reflect.Struct:
		reachable := reflect.New(v.Type()).Elem()
		reachable.Set(reveal(v))
		for i := range v.NumField() {
			walk(out, reveal(reachable.Field(i)), depth+1)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			walk(out, reveal(v.Index(i)), depth+1)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			walk(out, v.MapIndex(key), depth+1)
		}
	default:
		fmt.Fprintf(out, "%v ", v)
	}
}

// reveal lifts the guard from what came out of an unexported field.
func reveal(v reflect.Value) reflect.Value {
	if v.CanAddr() {
		return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
	}
	return v
}

func TestSecret_IsShownByNoPrinterWhereverItIs(t *testing.T) {
	t.Parallel()
	ways := printers()
	for where, v := range nestings() {
		for how, show := range ways {
			if text := show(v); shows(text) {
				t.Errorf("%s, %s: %.200s", where, how, text)
			}
		}
	}
}

type plain struct{ S string }

// A plain text in the same place: else the test above could not fail.
func TestSecret_EveryPrinterShowsWhatIsPlain(t *testing.T) {
	t.Parallel()
	for how, show := range printers() {
		silent := how[0] == '%' && strings.ContainsAny(how[len(how)-1:], "T%!") || strings.Contains(how, "0.") // a type, no verb, cut off
		if text := show(plain{marker}); !silent && !shows(text) {
			t.Errorf("%s does not show a plain text: %.200s", how, text)
		}
	}
}

func TestSecret_IsRedactedWhereOneLooksForIt(t *testing.T) {
	t.Parallel()
	issued := IssuedAPIKey{APIKey: APIKey{Name: "ci"}, Secret: NewSecret(marker)}
	for how, text := range map[string]string{
		"%v": fmt.Sprintf("%v", issued), "%+v": fmt.Sprintf("%+v", &issued), "%#v": fmt.Sprintf("%#v", issued), "%s": issued.Secret.String(),
		"JSON": printers()["json"](issued), "slog text": printers()["slog text"](issued), "slog JSON": printers()["slog JSON"](&issued),
	} {
		if !strings.Contains(text, Redacted) || how != "%s" && !strings.Contains(text, "ci") {
			t.Errorf("%s: %s", how, text)
		}
	}
	if text := fmt.Sprintf("%+v", CreateAPIKey{Name: "ci"}); strings.Contains(text, Redacted) || !strings.Contains(text, "Name:ci") {
		t.Errorf("no secret is shown as one: %s", text)
	}
}

func TestSecret_RevealEqualAndZero(t *testing.T) {
	t.Parallel()
	var none Secret
	one, same, other := NewSecret("one"), NewSecret("one"), NewSecret("other")
	if one.Reveal() != "one" || none.Reveal() != "" || !none.IsZero() || !NewSecret("").IsZero() || one.IsZero() {
		t.Error("a secret does not hold what it was made of")
	}
	if !one.Equal(same) || one.Equal(other) || one.Equal(none) || !none.Equal(NewSecret("")) {
		t.Error("secrets are compared by something else than their text")
	}
	if diff := cmp.Diff(IssuedAPIKey{Secret: one}, IssuedAPIKey{Secret: same}); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(IssuedAPIKey{Secret: one}, IssuedAPIKey{Secret: other}) {
		t.Error("two keys of different secrets are equal")
	}
}

func TestSecret_IsReadFromJSONButNotItsPlaceholder(t *testing.T) {
	t.Parallel()
	var got IssuedAPIKey
	if err := json.Unmarshal([]byte(`{"id": "key_1", "secret": "`+marker+`"}`), &got); err != nil || got.Secret.Reveal() != marker || got.ID != "key_1" {
		t.Error(got, err)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &got); !errors.Is(err, ErrRedacted) {
		t.Errorf("a redacted key is read back as one: %v", err)
	}
}

// kinds are all structs of the package that hold a Secret by themselves.
var kinds = []any{IssuedAPIKey{}, CreateAPIKey{}, RotateAPIKey{}, VerifyRequest{}}

func TestMarshalWire_SendsTheSecretAndNothingElseDiffers(t *testing.T) {
	t.Parallel()
	for _, kind := range kinds {
		for _, secret := range []string{marker, ""} {
			value := reflect.New(reflect.TypeOf(kind))
			value.Elem().FieldByName("Secret").Set(reflect.ValueOf(NewSecret(secret)))
			for _, v := range []any{value.Interface(), value.Elem().Interface()} {
				wire, err := MarshalWire(v)
				if err != nil || shows(string(wire)) != (secret != "") {
					t.Fatalf("%T: %s, %v", v, wire, err)
				}
				logged, err := json.Marshal(v)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(members(t, logged), members(t, wire)); diff != "" {
					t.Errorf("%T: the wire differs in more than the secret: %s", v, diff)
				}
				back := reflect.New(reflect.TypeOf(kind))
				if err := json.Unmarshal(wire, back.Interface()); err != nil || !cmp.Equal(back.Interface(), value.Interface()) {
					t.Errorf("%T does not come back from the wire: %v", v, err)
				}
			}
		}
	}
	var none *IssuedAPIKey
	if wire, err := MarshalWire(none); err != nil || string(wire) != "null" {
		t.Errorf("%s, %v", wire, err)
	}
	if wire, err := MarshalWire(APIKey{ID: "key_1"}); err != nil || !strings.Contains(string(wire), "key_1") {
		t.Errorf("%s, %v", wire, err)
	}
}

// members are those of a JSON object, without the value of its secret.
func members(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	if _, has := out["secret"]; has {
		out["secret"] = ""
	}
	return out
}
