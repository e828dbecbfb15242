package provider

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// sample is a state of postern_apikey with these attributes; the others are null.
func sample(t *testing.T, set map[string]tftypes.Value) tfsdk.State {
	t.Helper()
	var schema resource.SchemaResponse
	NewAPIKeyResource().Schema(t.Context(), resource.SchemaRequest{}, &schema)
	kind, ok := schema.Schema.Type().TerraformType(t.Context()).(tftypes.Object)
	if !ok {
		t.Fatal("a resource is no object")
	}
	values := map[string]tftypes.Value{}
	for name, of := range kind.AttributeTypes {
		values[name] = tftypes.NewValue(of, nil)
	}
	for name, value := range set {
		values[name] = value
	}
	return tfsdk.State{Schema: schema.Schema, Raw: tftypes.NewValue(kind, values)}
}

// summaries leave out the details, which list attributes in any order.
func summaries(said diag.Diagnostics) (all []string) {
	for _, d := range said {
		all = append(all, d.Severity().String()+": "+d.Summary())
	}
	return all
}

func TestModel_ReadsAsTheFrameworkDoes(t *testing.T) {
	t.Parallel()
	text, set := tftypes.String, tftypes.Set{ElementType: tftypes.String}
	null := sample(t, nil)
	null.Raw = tftypes.NewValue(null.Raw.Type(), nil)
	unknown := sample(t, nil)
	unknown.Raw = tftypes.NewValue(unknown.Raw.Type(), tftypes.UnknownValue)
	other := sample(t, nil)
	other.Raw = tftypes.NewValue(tftypes.Object{AttributeTypes: map[string]tftypes.Type{"id": text}}, map[string]tftypes.Value{"id": tftypes.NewValue(text, "key_1")})
	for name, state := range map[string]tfsdk.State{
		"nothing set": sample(t, nil),
		"set": sample(t, map[string]tftypes.Value{
			"id": tftypes.NewValue(text, "key_1"), "secret_version": tftypes.NewValue(tftypes.Number, 3), "enabled": tftypes.NewValue(tftypes.Bool, true),
			"created_at": tftypes.NewValue(text, "2026-03-04T08:00:00+02:00"), "scopes": tftypes.NewValue(set, []tftypes.Value{tftypes.NewValue(text, "write")}),
		}),
		"unknown attributes": sample(t, map[string]tftypes.Value{
			"id": tftypes.NewValue(text, tftypes.UnknownValue), "created_at": tftypes.NewValue(text, tftypes.UnknownValue), "scopes": tftypes.NewValue(set, tftypes.UnknownValue),
		}),
		"an edited time":  sample(t, map[string]tftypes.Value{"created_at": tftypes.NewValue(text, "yesterday")}),
		"null":            null,
		"unknown":         unknown,
		"another's shape": other,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got, want apiKeyModel
			said, wanted := getModel(t.Context(), state, &got), state.Get(t.Context(), &want)
			if diff := cmp.Diff(summaries(wanted), summaries(said)); diff != "" {
				t.Error(diff)
			}
			if !wanted.HasError() && !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestModel_WritesAsTheFrameworkDoes(t *testing.T) {
	t.Parallel()
	var empty apiKeyModel
	if said := sample(t, nil).Get(t.Context(), &empty); said.HasError() {
		t.Fatal(said)
	}
	full, unknown, untyped, wrong, edited := empty, empty, empty, empty, empty
	full.ID, full.Scopes, full.SecretVersion, full.CreatedAt = types.StringValue("key_1"), stringSet([]string{"write"}), types.Int64Value(3), timetypes.NewRFC3339ValueMust("2026-03-04T08:00:00+02:00")
	unknown.ID, unknown.Scopes, unknown.CreatedAt = types.StringUnknown(), types.SetUnknown(types.StringType), timetypes.NewRFC3339Unknown()
	untyped.Scopes = types.Set{}
	wrong.Scopes = types.SetNull(types.BoolType)
	edited.CreatedAt.StringValue = types.StringValue("yesterday")
	for name, model := range map[string]apiKeyModel{
		"nothing set": empty, "set": full, "unknown attributes": unknown, "a set of nothing": untyped, "a set of another kind": wrong, "no time": edited,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, want := sample(t, nil), sample(t, nil)
			said, wanted := setModel(t.Context(), &got, &model), want.Set(t.Context(), &model)
			if diff := cmp.Diff(summaries(wanted), summaries(said)); diff != "" {
				t.Error(diff)
			}
			if !got.Raw.Equal(want.Raw) {
				t.Errorf("wrote %s, want %s", got.Raw, want.Raw)
			}
		})
	}
}

// A field that no attribute has, or an attribute without one, is a fault of the program: the
// framework says so.
func TestModel_LacksNothingOfItsSchema(t *testing.T) {
	t.Parallel()
	var short struct {
		ID types.String `tfsdk:"id"`
	}
	var long struct {
		apiKeyModel
		More types.String `tfsdk:"more"`
	}
	for _, model := range []any{&short, &long} {
		state := sample(t, nil)
		if said := getModel(t.Context(), state, model); !said.HasError() {
			t.Errorf("%T was read", model)
		}
		if said := setModel(t.Context(), &state, model); !said.HasError() {
			t.Errorf("%T was written", model)
		}
	}
}
