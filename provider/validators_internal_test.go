package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// A name has one way to write a letter, so that no two names look alike; a description may
// have any.
func TestPrintable_ANameIsInNFC(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text    string
		trimmed bool
		want    string
	}{
		{"caf\u00e9", true, ""},
		{"cafe\u0301", true, `write it as "caf\u00e9"`},
		{"cafe\u0301", false, ""},
	} {
		var got validator.StringResponse
		printable{most: 100, trimmed: tc.trimmed}.ValidateString(t.Context(), validator.StringRequest{Path: path.Root("name"), ConfigValue: types.StringValue(tc.text)}, &got)
		text := ""
		for _, d := range got.Diagnostics {
			text += d.Detail()
		}
		if (text == "") != (tc.want == "") || !strings.Contains(text, tc.want) {
			t.Errorf("%q: %s, want %q", tc.text, text, tc.want)
		}
	}
}
