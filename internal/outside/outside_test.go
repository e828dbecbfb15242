package outside_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

func TestRead_StopsAtTheFirstBound(t *testing.T) {
	t.Parallel()
	const most = 16 << 20
	for name, tc := range map[string]struct{ body, want string }{
		"an answer":              {`{"items":[{"id":"a"}],"next_cursor":"b"}`, ""},
		"nothing":                {"", ""},
		"a page of a proxy":      {"<html>" + strings.Repeat(`{[,"`, 1<<20), ""},
		"long":                   {`"` + strings.Repeat(" ", most+1), "is longer than 16 MiB"},
		"a million empty items":  {`[` + strings.Repeat(`{},`, 5_000_000), "holds more than 200000 objects"},
		"a million empty texts":  {`{"items":[{"id":"a","scopes":[` + strings.Repeat(`"",`, 5_000_000), "holds more than 2000000 values"},
		"a deep one":             {strings.Repeat(`{"a":[`, 1_000_000), "nests deeper than 32 levels"},
		"a text without an end":  {`{"name":"` + strings.Repeat(`\"`, 1<<20), "holds a text that is longer than 64 KiB"},
		"a name without an end":  {`{"` + strings.Repeat(`{`, 1<<20), "holds a text that is longer than 64 KiB"},
		"braces in a text":       {`{"name":"` + strings.Repeat(`{[`, 1000) + `"}`, ""},
		"an escaped end of text": {`{"name":"\\","b":[` + strings.Repeat(`[],`, 3_000_000), "holds more than 2000000 values"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body, err := outside.Read(strings.NewReader(tc.body), most)
			if tc.want == "" {
				if err != nil || string(body) != tc.body {
					t.Errorf("%d of %d bytes: %v", len(body), len(tc.body), err)
				}
				return
			}
			var excess *outside.Excess
			if !errors.As(err, &excess) || err.Error() != tc.want {
				t.Errorf("%v, want %q", err, tc.want)
			}
			if len(body) > most {
				t.Errorf("%d bytes were kept", len(body))
			}
		})
	}
}

// What counts must not depend on how the network cuts the answer.
func TestRead_SeesTheSameInEveryPortion(t *testing.T) {
	t.Parallel()
	text := `{"a\\":"\"{[","b":[{},[],"é",null],"c":{"d":"\\"}}`
	for _, from := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text)), iotest.HalfReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text))} {
		if body, err := outside.Read(from, 1<<10); err != nil || string(body) != text {
			t.Errorf("%s: %v", body, err)
		}
	}
	broken := errors.New("broken")
	if body, err := outside.Read(io.MultiReader(strings.NewReader(`{"a`), iotest.ErrReader(broken)), 1<<10); !errors.Is(err, broken) || string(body) != `{"a` {
		t.Errorf("%s: %v", body, err)
	}
}

type item struct {
	ID string `json:"id"`
}

func named(i *item) (name, lack string) {
	if i.ID == "" {
		return "", "has an item without an id"
	}
	return i.ID, ""
}

func TestItems(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		list string
		want []item
		err  string
	}{
		"none":           {`[]`, []item{}, ""},
		"null":           {`null`, nil, ""},
		"nothing":        {``, nil, ""},
		"two":            {` [{"id":"a"}, {"id":"b","more":1}] `, []item{{"a"}, {"b"}}, ""},
		"without an id":  {`[{"id":"a"},{}]`, nil, "has an item without an id"},
		"null in it":     {`[null]`, nil, "has an item without an id"},
		"twice":          {`[{"id":"a"},{"id":"a"}]`, nil, "lists an item twice"},
		"too many":       {`[{"id":"a"},{"id":"b"},{"id":"c"},{"id":"d"}`, nil, "lists more than 3 items"},
		"no list":        {`{"id":"a"}`, nil, "is not a list"},
		"cut off":        {`[{"id":"a"}`, nil, "is not a list"},
		"another shape":  {`[{"id":{"secret":"x"}}]`, nil, "lists an item of another shape"},
		"another shape2": {`["secret"]`, nil, "lists an item of another shape"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := outside.Items(json.RawMessage(tc.list), 3, named)
			if tc.err != "" {
				if err == nil || err.Error() != tc.err {
					t.Errorf("%v, want %q", err, tc.err)
				}
				return
			}
			if diff := cmp.Diff(tc.want, got); diff != "" || err != nil {
				t.Error(err, diff)
			}
		})
	}
}
