package provider

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

var _ datasource.DataSourceWithConfigure = (*apiKeysDataSource)(nil)

// NewAPIKeysDataSource returns data.postern_apikeys.
func NewAPIKeysDataSource() datasource.DataSource { return &apiKeysDataSource{} }

// NewSubaccountAPIKeysDataSource returns data.postern_subaccount_apikeys.
func NewSubaccountAPIKeysDataSource() datasource.DataSource {
	return &apiKeysDataSource{ofSubaccount: true}
}

// apiKeysDataSource is both data sources: they differ in where their keys are.
type apiKeysDataSource struct {
	dataSource
	ofSubaccount bool
}

// placedKeysModel is what data.postern_subaccount_apikeys holds.
type placedKeysModel struct {
	Subaccount types.String `tfsdk:"subaccount"` // the handle; null for keys of the account itself
	apiKeysModel
}

type apiKeysModel struct {
	NamePrefix     types.String         `tfsdk:"name_prefix"`
	Status         types.String         `tfsdk:"status"`
	Scope          types.String         `tfsdk:"scope"`
	Group          types.String         `tfsdk:"group"`
	ExpiringWithin timetypes.GoDuration `tfsdk:"expiring_within"`
	UnusedFor      timetypes.GoDuration `tfsdk:"unused_for"`
	IDs            types.Set            `tfsdk:"ids"`
	APIKeys        []foundKeyModel      `tfsdk:"apikeys"`
}

type foundKeyModel struct {
	apiKeyDataModel
	LastUsedAt timetypes.RFC3339 `tfsdk:"last_used_at"`
}

func (d *apiKeysDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_apikeys"
	if d.ofSubaccount {
		resp.TypeName = req.ProviderTypeName + "_subaccount_apikeys"
	}
}

func (d *apiKeysDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	filter := func(says string, validators ...validator.String) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, MarkdownDescription: says + " Default all.", Validators: append(validators, stringvalidator.LengthAtLeast(1))}
	}
	length := func(says string) schema.StringAttribute {
		return schema.StringAttribute{Optional: true, CustomType: timetypes.GoDurationType{}, MarkdownDescription: says, Validators: []validator.String{duration{positive: true}}}
	}
	facts := apiKeyDataFacts()
	facts["id"] = schema.StringAttribute{Computed: true, MarkdownDescription: "The key's id."}
	facts["name"] = schema.StringAttribute{Computed: true, MarkdownDescription: "The key's name. Empty where it has none."}
	facts["last_used_at"] = schema.StringAttribute{
		Computed: true, CustomType: timetypes.RFC3339Type{},
		MarkdownDescription: "When the key was last let in, in RFC 3339. Null for never, and always without `unused_for`, as nobody asked then.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "API keys of the account that fit all of the filters, without their secrets. For reviews, and for finding keys to import.",
		Attributes: map[string]schema.Attribute{
			"name_prefix": filter("Only keys whose name begins with this."),
			"status": filter("Only keys of this status: `active`, `inactive`, `expired` or `locked`.",
				keyStatus()),
			"scope": filter("Only keys that were given this scope by its name, not by implication."),
			"group": filter("Only keys that grant a scope of this group, by name or by implication."),
			"expiring_within": length("Only keys that still work and expire within this time, such as `720h`, by the service's clock. " +
				"Default all."),
			"unused_for": length("Only keys that nobody used for this time, such as `2160h`, and that are older than this. Default all. " +
				"It takes one request for each key that fits the other filters: set those too where there are many. Counts are kept for 400 days."),
			"ids":     schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Ids of the keys found."},
			"apikeys": schema.ListNestedAttribute{Computed: true, MarkdownDescription: "Keys found, oldest first.", NestedObject: schema.NestedAttributeObject{Attributes: facts}},
		},
	}
	if d.ofSubaccount {
		resp.Schema.MarkdownDescription = "API keys of a sub-account that fit all of the filters, without their secrets. For reviews, and for finding keys to import."
		resp.Schema.Attributes["subaccount"] = subaccountData()
	}
}

func (d *apiKeysDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model placedKeysModel
	var data any = &model.apiKeysModel
	if d.ofSubaccount {
		data = &model
	}
	resp.Diagnostics.Append(req.Config.Get(ctx, data)...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	if d.ofSubaccount {
		var ok bool
		if model.Subaccount, ok = knownSubaccountOr(model.Subaccount, d.subaccount, &resp.Diagnostics); !ok {
			return
		}
	}
	catalogue, err := d.backend.Catalogue(ctx)
	if err != nil {
		explain(&resp.Diagnostics, "read", "scope catalogue", "", err)
		return
	}
	if !knownScope(catalogue, model.Scope, &resp.Diagnostics) {
		return
	}
	if group := model.Group; !group.IsNull() {
		if !slices.ContainsFunc(catalogue.Names(), func(name string) bool { return isOfGroup(catalogue, name, group.ValueString()) }) {
			resp.Diagnostics.AddAttributeError(path.Root("group"), "Unknown group of scopes", "No scope is of group "+group.String()+". The data source postern_scopes lists what there is.")
			return
		}
	}
	model.APIKeys = []foundKeyModel{}
	err = d.find(ctx, catalogue, &model)
	if d.ofSubaccount && errors.Is(err, backend.ErrNotFound) {
		noSuchSubaccount(&resp.Diagnostics, path.Root("subaccount"), model.Subaccount)
		return
	}
	if err != nil {
		explain(&resp.Diagnostics, "find", "API keys", "", err)
		return
	}
	var ids []string
	for _, key := range model.APIKeys {
		ids = append(ids, key.ID.ValueString())
	}
	model.IDs = stringSet(ids)
	resp.Diagnostics.Append(resp.State.Set(ctx, data)...)
}

// find adds the keys that fit. Usage is asked for last, as that takes a request for
// each key.
func (d *apiKeysDataSource) find(ctx context.Context, catalogue *backend.Catalogue, model *placedKeysModel) error {
	now, err := d.backend.Now(ctx)
	if err != nil {
		return err
	}
	found, err := d.backend.Keys(model.Subaccount.ValueString()).List(ctx, backend.APIKeyFilter{
		NamePrefix: model.NamePrefix.ValueString(), Status: model.Status.ValueString(), Scope: model.Scope.ValueString(),
	})
	if err != nil {
		return err
	}
	slices.SortFunc(found, func(a, b backend.APIKey) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID))
	})
	for _, key := range found {
		if group := model.Group; !group.IsNull() && !slices.ContainsFunc(key.EffectiveScopes, func(name string) bool { return isOfGroup(catalogue, name, group.ValueString()) }) {
			continue
		}
		if within := model.ExpiringWithin; !within.IsNull() && !expires(key, now, durationOf(within)) {
			continue
		}
		one := foundKeyModel{newAPIKeyData(key), timetypes.NewRFC3339Null()}
		if unused := model.UnusedFor; !unused.IsNull() {
			before := now.Add(-durationOf(unused))
			if key.CreatedAt.After(before) {
				continue
			}
			usage, err := d.backend.APIKeyUsage(ctx, model.Subaccount.ValueString(), key.ID, 1)
			if err != nil {
				return err
			}
			if usage.LastUsedAt != nil && usage.LastUsedAt.After(before) {
				continue
			}
			one.LastUsedAt = timeLike(one.LastUsedAt, usage.LastUsedAt)
		}
		model.APIKeys = append(model.APIKeys, one)
	}
	return nil
}

// knownScope reports whether there is the scope that a filter names. Nothing is found by
// a misspelt filter, which in a review looks like good news.
func knownScope(catalogue *backend.Catalogue, name types.String, diags *diag.Diagnostics) bool {
	if name.IsNull() {
		return true
	}
	err := catalogue.Check([]string{name.ValueString()})
	if err != nil {
		diags.AddAttributeError(path.Root("scope"), "Unknown scope", fmt.Sprintf("The %v. The data source postern_scopes lists what there is.", err))
	}
	return err == nil
}

func isOfGroup(c *backend.Catalogue, name, group string) bool {
	s, ok := c.Get(name)
	return ok && s.Group == group
}

// expires reports whether a key that has not expired yet does so within d.
func expires(key backend.APIKey, now time.Time, d time.Duration) bool {
	return key.ExpiresAt != nil && key.ExpiresAt.After(now) && !key.ExpiresAt.After(now.Add(d))
}
