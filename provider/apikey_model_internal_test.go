package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// A text that is left out and one that is set to "" must each come back as it was.
func TestTextLike(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		prior types.String
		text  string
		want  types.String
	}{
		"left out":        {types.StringNull(), "", types.StringNull()},
		"empty":           {types.StringValue(""), "", types.StringValue("")},
		"set":             {types.StringValue("a"), "a", types.StringValue("a")},
		"changed":         {types.StringValue("a"), "b", types.StringValue("b")},
		"removed by hand": {types.StringValue("a"), "", types.StringNull()},
		"given by hand":   {types.StringNull(), "b", types.StringValue("b")},
		"filled by hand":  {types.StringValue(""), "b", types.StringValue("b")},
		"unknown":         {types.StringUnknown(), "", types.StringNull()},
	} {
		if got := textLike(tt.prior, tt.text); !got.Equal(tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
}
