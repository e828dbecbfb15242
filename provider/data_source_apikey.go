package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/datasourcevalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

var (
	_ datasource.DataSourceWithConfigure        = (*apiKeyDataSource)(nil)
	_ datasource.DataSourceWithConfigValidators = (*apiKeyDataSource)(nil)
)

// NewAPIKeyDataSource returns data.postern_apikey.
func NewAPIKeyDataSource() datasource.DataSource { return &apiKeyDataSource{} }

type apiKeyDataSource struct{ dataSource }

type apiKeyDataModel struct {
	ID                      types.String      `tfsdk:"id"`
	Name                    types.String      `tfsdk:"name"`
	Username                types.String      `tfsdk:"username"`
	Description             types.String      `tfsdk:"description"`
	Scopes                  types.Set         `tfsdk:"scopes"`
	EffectiveScopes         types.Set         `tfsdk:"effective_scopes"`
	AutomaticScopes         types.Set         `tfsdk:"automatic_scopes"`
	Enabled                 types.Bool        `tfsdk:"enabled"`
	ExpiresAt               timetypes.RFC3339 `tfsdk:"expires_at"`
	SecretHint              types.String      `tfsdk:"secret_hint"`
	SecretVersion           types.Int64       `tfsdk:"secret_version"`
	SecretCreatedAt         timetypes.RFC3339 `tfsdk:"secret_created_at"`
	PreviousSecretExpiresAt timetypes.RFC3339 `tfsdk:"previous_secret_expires_at"`
	Status                  types.String      `tfsdk:"status"`
	CreatedAt               timetypes.RFC3339 `tfsdk:"created_at"`
}

func (d *apiKeyDataSource) Metadata(_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_apikey"
}

func (d *apiKeyDataSource) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	instant := func(text string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: text}
	}
	notEmpty := []validator.String{stringvalidator.LengthAtLeast(1)} // an empty name would find every key
	resp.Schema = schema.Schema{
		MarkdownDescription: "One API key, by id or by name, without its secret: no one can read a secret back.",
		Attributes: map[string]schema.Attribute{
			"id":                         schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: "The key's id. Set this or `name`.", Validators: notEmpty},
			"name":                       schema.StringAttribute{Optional: true, Computed: true, MarkdownDescription: "The key's exact name. Set this or `id`.", Validators: notEmpty},
			"username":                   schema.StringAttribute{Computed: true, MarkdownDescription: "What the key's holder signs in with, beside the password. Null on platforms where a key is no API user."},
			"description":                schema.StringAttribute{Computed: true, MarkdownDescription: "What the key is for. Empty where nothing was said."},
			"scopes":                     schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Scopes that the key was given."},
			"effective_scopes":           schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "All that the key really grants: its scopes and all that they imply."},
			"automatic_scopes":           schema.SetAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: "Scopes that the service adds to the key by itself."},
			"enabled":                    schema.BoolAttribute{Computed: true, MarkdownDescription: "False while the key is turned off."},
			"expires_at":                 instant("When the key stops working, in RFC 3339. Null for never."),
			"secret_hint":                schema.StringAttribute{Computed: true, MarkdownDescription: "First characters of the secret, to recognise it by. Null for a password."},
			"secret_version":             schema.Int64Attribute{Computed: true, MarkdownDescription: "1 for the first secret and one more at each rotation."},
			"secret_created_at":          instant("When the current secret was made, in RFC 3339."),
			"previous_secret_expires_at": instant("When the previous secret stops working, or stopped, in RFC 3339. Null when the key was never rotated."),
			"status":                     schema.StringAttribute{Computed: true, MarkdownDescription: "Whether the key works: `active`, `inactive`, `expired`, or `locked` after too many wrong passwords."},
			"created_at":                 instant("When the key was made, in RFC 3339."),
		},
	}
}

func (d *apiKeyDataSource) ConfigValidators(context.Context) []datasource.ConfigValidator {
	return []datasource.ConfigValidator{datasourcevalidator.ExactlyOneOf(path.MatchRoot("id"), path.MatchRoot("name"))}
}

func (d *apiKeyDataSource) Read(ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse) {
	var model apiKeyDataModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() || !d.ready(&resp.Diagnostics) {
		return
	}
	var key backend.APIKey
	var err error
	at, which := path.Root("id"), model.ID.String()
	if !model.ID.IsNull() {
		key, err = d.backend.Keys("").Get(ctx, model.ID.ValueString())
	} else {
		at, which = path.Root("name"), model.Name.String()
		key, err = d.named(ctx, model.Name.ValueString())
	}
	if errors.Is(err, backend.ErrNotFound) {
		resp.Diagnostics.AddAttributeError(at, "No such API key", fmt.Sprintf("There is no API key %s in the provider's account.", which))
		return
	}
	if err != nil {
		explain(&resp.Diagnostics, "read", nounAPIKey, which, err)
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, apiKeyDataModel{
		ID: types.StringValue(key.ID), Name: types.StringValue(key.Name), Username: textLike(types.StringNull(), key.Username), Description: types.StringValue(key.Description),
		Scopes: stringSet(key.Scopes), EffectiveScopes: stringSet(key.EffectiveScopes), AutomaticScopes: stringSet(key.AutomaticScopes), Enabled: types.BoolValue(key.Enabled),
		ExpiresAt: timeLike(timetypes.NewRFC3339Null(), key.ExpiresAt), SecretHint: textLike(types.StringNull(), key.SecretHint),
		SecretVersion: types.Int64Value(key.SecretVersion), SecretCreatedAt: timetypes.NewRFC3339TimeValue(key.SecretCreatedAt),
		PreviousSecretExpiresAt: timeLike(timetypes.NewRFC3339Null(), key.PreviousSecretExpiresAt),
		Status:                  types.StringValue(key.Status), CreatedAt: timetypes.NewRFC3339TimeValue(key.CreatedAt),
	})...)
}

// named returns the one key of that name.
func (d *apiKeyDataSource) named(ctx context.Context, name string) (backend.APIKey, error) {
	keys, err := d.backend.Keys("").Named(ctx, name)
	if err != nil {
		return backend.APIKey{}, err
	}
	switch len(keys) {
	case 0:
		return backend.APIKey{}, backend.ErrNotFound
	case 1:
		return keys[0], nil
	}
	return backend.APIKey{}, &backend.Error{Message: fmt.Sprintf("%d keys have this name, the first of them %s. Choose one by its id.", len(keys), keys[0].ID)}
}
