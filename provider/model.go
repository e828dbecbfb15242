package provider

import (
	"context"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// values is a configuration, a plan, a state or an identity.
type values interface {
	Get(ctx context.Context, target any) diag.Diagnostics
}

// settable is a plan, a state or an identity that an answer holds.
type settable interface {
	Set(ctx context.Context, value any) diag.Diagnostics
}

// getModel fills a model as from.Get does. That one looks the model's tags up anew at each
// call, and compiles a regular expression for each of them, which was a fifth of the time
// that a plan of a thousand keys took. Whatever is not an everyday case is left to it: it
// also finds the words for what is wrong.
func getModel(ctx context.Context, from values, model any) diag.Diagnostics {
	into := reflect.ValueOf(model).Elem()
	raw, schema := rawOf(from)
	attributes := map[string]tftypes.Value{}
	if schema == nil || raw.IsNull() || !raw.IsKnown() || raw.As(&attributes) != nil {
		return from.Get(ctx, model)
	}
	fields := fieldsOf(ctx, into.Type(), schema)
	if len(fields) != len(attributes) {
		return from.Get(ctx, model)
	}
	filled := reflect.New(into.Type()).Elem()
	for _, f := range fields {
		sent, ok := attributes[f.name]
		if !ok {
			return from.Get(ctx, model)
		}
		value, err := f.kind.ValueFromTerraform(ctx, sent)
		if err != nil || reflect.TypeOf(value) != f.holds || !valid(ctx, f.name, value) {
			return from.Get(ctx, model)
		}
		filled.FieldByIndex(f.index).Set(reflect.ValueOf(value))
	}
	into.Set(filled)
	return nil
}

// setModel writes a model as to.Set does; see getModel.
func setModel(ctx context.Context, to settable, model any) diag.Diagnostics {
	from := reflect.Indirect(reflect.ValueOf(model))
	raw, schema := rawOf(to)
	if schema == nil {
		return to.Set(ctx, model)
	}
	fields := fieldsOf(ctx, from.Type(), schema)
	attributes, kinds := make(map[string]tftypes.Value, len(fields)), make(map[string]tftypes.Type, len(fields))
	for _, f := range fields {
		value, ok := from.FieldByIndex(f.index).Interface().(attr.Value)
		if !ok || !f.kind.Equal(value.Type(ctx)) || !valid(ctx, f.name, value) {
			return to.Set(ctx, model)
		}
		sent, err := value.ToTerraformValue(ctx)
		if err != nil {
			return to.Set(ctx, model)
		}
		attributes[f.name], kinds[f.name] = sent, f.sent
	}
	written := tftypes.NewValue(tftypes.Object{AttributeTypes: kinds}, attributes)
	if !written.Type().Equal(raw.Type()) {
		return to.Set(ctx, model)
	}
	*raw = written
	return nil
}

// typed is the schema of what is read or written.
type typed interface{ Type() attr.Type }

// rawOf is what is in a configuration, a plan, a state or an identity, and its schema; nil for
// anything else.
func rawOf(of any) (*tftypes.Value, typed) {
	switch of := of.(type) {
	case tfsdk.Config:
		return &of.Raw, of.Schema
	case tfsdk.Plan:
		return &of.Raw, of.Schema
	case *tfsdk.Plan:
		return &of.Raw, of.Schema
	case *tfsdk.Resource:
		return &of.Raw, of.Schema
	case tfsdk.State:
		return &of.Raw, of.Schema
	case *tfsdk.State:
		return &of.Raw, of.Schema
	case *tfsdk.ResourceIdentity:
		return &of.Raw, of.Schema
	}
	return nil, nil
}

// field is a field of a model with the attribute that it holds.
type field struct {
	name  string
	index []int
	holds reflect.Type
	kind  attr.Type
	sent  tftypes.Type
}

// modelFields are the fields of each type of model that was asked for: a model has one schema.
var modelFields sync.Map

// fieldsOf are the fields of a model; none when it does not fit the schema.
func fieldsOf(ctx context.Context, model reflect.Type, schema typed) []field {
	if known, ok := modelFields.Load(model); ok {
		fields, _ := known.([]field)
		return fields
	}
	of, ok := schema.Type().(attr.TypeWithAttributeTypes)
	if !ok {
		return nil
	}
	kinds := of.AttributeTypes()
	var fields []field
	for _, f := range reflect.VisibleFields(model) {
		name := f.Tag.Get("tfsdk")
		if name == "" {
			continue
		}
		kind, ok := kinds[name]
		if !ok {
			return nil
		}
		fields = append(fields, field{name: name, index: f.Index, holds: f.Type, kind: kind, sent: kind.TerraformType(ctx)})
	}
	modelFields.Store(model, fields)
	return fields
}

// valid reports whether a value is one that its type allows, such as a time that is one.
func valid(ctx context.Context, name string, value attr.Value) bool {
	checked, ok := value.(xattr.ValidateableAttribute)
	if !ok {
		return true
	}
	var resp xattr.ValidateAttributeResponse
	checked.ValidateAttribute(ctx, xattr.ValidateAttributeRequest{Path: path.Root(name)}, &resp)
	return !resp.Diagnostics.HasError() && len(resp.Diagnostics) == 0
}
