package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// writeOnlyText is the type of a write-only text in an action.
//
// terraform-plugin-framework 1.19.0 lets an action's schema have write-only attributes, and
// its validation then refuses every value of one: it takes it that no Terraform allows
// them there (internal/fwserver/server_validateactionconfig.go). Terraform 1.14, the first
// to have actions, does. So the validation is shown a null. When it is told what
// Terraform allows, this can go.
type writeOnlyText struct{ basetypes.StringType }

var _ basetypes.StringTypable = writeOnlyText{}

func (t writeOnlyText) Equal(o attr.Type) bool { _, ok := o.(writeOnlyText); return ok }

func (t writeOnlyText) String() string { return "writeOnlyText" }

func (t writeOnlyText) ValueType(context.Context) attr.Value { return writeOnlyValue{} }

func (t writeOnlyText) ValueFromString(_ context.Context, in basetypes.StringValue) (basetypes.StringValuable, diag.Diagnostics) {
	return writeOnlyValue{in}, nil
}

func (t writeOnlyText) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	value, err := t.StringType.ValueFromTerraform(ctx, in)
	if err != nil {
		return nil, err
	}
	text, ok := value.(basetypes.StringValue)
	if !ok {
		return nil, fmt.Errorf("a text is of type %T", value)
	}
	return writeOnlyValue{text}, nil
}

// writeOnlyValue is one text. Ask its StringValue whether it is really null.
type writeOnlyValue struct{ basetypes.StringValue }

func (v writeOnlyValue) Type(context.Context) attr.Type { return writeOnlyText{} }

func (v writeOnlyValue) Equal(o attr.Value) bool {
	other, ok := o.(writeOnlyValue)
	return ok && v.StringValue.Equal(other.StringValue)
}

// IsNull is what the validation of the framework asks; see writeOnlyText.
func (v writeOnlyValue) IsNull() bool { return true }
