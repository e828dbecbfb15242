package provider

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// apiKeyDataModel is a key in a data source.
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

func newAPIKeyData(key backend.APIKey) apiKeyDataModel {
	return apiKeyDataModel{
		ID: types.StringValue(key.ID), Name: types.StringValue(key.Name), Username: textLike(types.StringNull(), key.Username), Description: types.StringValue(key.Description),
		Scopes: stringSet(key.Scopes), EffectiveScopes: stringSet(key.EffectiveScopes), AutomaticScopes: stringSet(key.AutomaticScopes), Enabled: types.BoolValue(key.Enabled),
		ExpiresAt: timeLike(timetypes.NewRFC3339Null(), key.ExpiresAt), SecretHint: textLike(types.StringNull(), key.SecretHint),
		SecretVersion: versionTold(key.SecretVersion), SecretCreatedAt: timeTold(timetypes.NewRFC3339Null(), key.SecretCreatedAt),
		PreviousSecretExpiresAt: timeLike(timetypes.NewRFC3339Null(), key.PreviousSecretExpiresAt),
		Status:                  types.StringValue(key.Status), CreatedAt: timeTold(timetypes.NewRFC3339Null(), key.CreatedAt),
	}
}

// apiKeyDataFacts are the attributes of a key in a data source that only the service
// sets: all but id and name.
func apiKeyDataFacts() map[string]schema.Attribute {
	instant := func(text string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: text}
	}
	return map[string]schema.Attribute{
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
	}
}

// subaccountData is whose keys a data source looks through.
func subaccountData() schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true, Computed: true,
		MarkdownDescription: "Handle of the sub-account that the key belongs to. Default that of the provider.",
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)}, // the keys of no sub-account are those of the account
	}
}

// keyStatus accepts what a filter of keys may name as their status.
func keyStatus() validator.String {
	return stringvalidator.OneOf(backend.StatusActive, backend.StatusInactive, backend.StatusExpired, backend.StatusLocked)
}

// versionTold is the version of a secret; null where the service counts none.
func versionTold(n int64) types.Int64 {
	if n == 0 {
		return types.Int64Null()
	}
	return types.Int64Value(n)
}
