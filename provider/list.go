package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var _ provider.ProviderWithListResources = (*posternProvider)(nil)

// ListResources returns what `terraform query` can find, each under the name of the
// resource that manages it.
func (p *posternProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		NewAPIKeyListResource, NewScopeListResource, NewSubaccountAPIKeyListResource, NewSubaccountListResource,
	}
}

// listing pushes what is found into a stream, and knows when that is enough.
type listing struct {
	req  list.ListRequest
	push func(list.ListResult) bool
	left int64 // how many more are wanted
	all  bool  // there is no limit
	done bool
}

// streamed makes a stream of what find adds. It runs while Terraform takes results, so
// that the next page is asked for only then. What find returns ends the stream.
func streamed(req list.ListRequest, find func(*listing) diag.Diagnostics) func(func(list.ListResult) bool) {
	return func(push func(list.ListResult) bool) {
		to := &listing{req: req, push: push, left: req.Limit, all: req.Limit <= 0}
		if diags := find(to); len(diags) > 0 && !to.done {
			push(list.ListResult{Diagnostics: diags})
		}
	}
}

// limit is how many results are wanted yet; 0 for all.
func (l *listing) limit() int {
	if l.all {
		return 0
	}
	return int(l.left)
}

// found is one result in the making.
type found struct {
	called   string // what people recognise it by
	identity any
	// fill makes the whole resource, as an import and a read would; it is
	// given one whose attributes are all null.
	fill func(context.Context, *tfsdk.Resource) diag.Diagnostics
}

// add pushes one result and reports whether more are wanted.
func (l *listing) add(ctx context.Context, one found) bool {
	result := l.req.NewListResult(ctx)
	result.DisplayName = one.called
	result.Diagnostics.Append(result.Identity.Set(ctx, one.identity)...)
	if l.req.IncludeResource {
		result.Resource.Raw = allNull(ctx, l.req)
		result.Diagnostics.Append(one.fill(ctx, result.Resource)...)
	}
	l.left--
	l.done = !l.push(result) || !l.all && l.left == 0
	return !l.done
}

// allNull is the resource with all attributes null, as an import begins with: each value
// then has its right type, also those that only a configuration sets.
func allNull(ctx context.Context, req list.ListRequest) tftypes.Value {
	kind := req.ResourceSchema.Type().TerraformType(ctx)
	values := map[string]tftypes.Value{}
	if object, ok := kind.(tftypes.Object); ok {
		for name, attribute := range object.AttributeTypes {
			values[name] = tftypes.NewValue(attribute, nil)
		}
	}
	return tftypes.NewValue(kind, values)
}

// filterBy is an attribute that selects what is listed.
func filterBy(says string, validators ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: says + " Default all.", Validators: append(validators, stringvalidator.LengthAtLeast(1))}
}
