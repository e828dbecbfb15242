package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/plan"
)

// Bounds of what a key's owner writes, in characters. The service holds the
// same; here they are so that a plan can already say so.
const (
	maxNameLength        = 100
	maxDescriptionLength = 500
)

func (r *apiKeyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "An API key: what it may do, until when, and how its secret is rotated. " +
			"The plan shows in `effective_scopes` what the key really grants, and in `secret_version` and `rotation_reason` whether and why it gets a new secret.",
		Attributes: apiKeySettings(),
	}
	for name, attribute := range apiKeyFacts() {
		resp.Schema.Attributes[name] = attribute
	}
	if r.ofSubaccount {
		resp.Schema.MarkdownDescription = "An API key of a sub-account: all that `postern_apikey` is, in the sub-account that `subaccount` names. " +
			"One provider block serves the keys of any number of sub-accounts."
		resp.Schema.Attributes["subaccount"] = subaccountSetting()
	}
}

// apiKeySettings are the attributes that a configuration sets.
func apiKeySettings() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"name": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "What people call the key. **Required on `postern`, `benchmark` and `sendgrid`**, and on a platform file unless it says `name_required = false`; may be left out on `mailchannels` and `dotdigital`. " +
				"Unique in its account, or sub-account, where the platform says so. " +
				"A new name is held to the rules of the service at plan, such as 1 to 100 printable characters on a Postern server; a key that exists may have any.",
		},
		"description": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "What the key is for, at most 500 characters.",
			Validators:          []validator.String{printable{most: maxDescriptionLength}},
		},
		"scopes": schema.SetAttribute{
			Optional:    true,
			Computed:    true,
			ElementType: types.StringType,
			MarkdownDescription: "Scopes to give the key, at least one. **Required on `postern`, `benchmark` and `sendgrid`**, for keys of the account on `mailchannels`, and on a platform file that has scopes to choose from: left out never means everything. " +
				"May be left out for keys of sub-accounts on `mailchannels`, which all hold `api`, and on `dotdigital`, which has no scopes. A change is in place where the platform can edit scopes, else a new key.",
			Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
		},
		"enabled": schema.BoolAttribute{
			Optional:            true,
			Computed:            true,
			Default:             booldefault.StaticBool(true),
			MarkdownDescription: "Whether the key works. Default `true`; `false` turns it off until it is set to `true` again.",
		},
		"expires_at": schema.StringAttribute{
			Optional:            true,
			CustomType:          timetypes.RFC3339Type{},
			MarkdownDescription: "When the key stops working, in RFC 3339 and whole seconds, such as `2027-06-30T00:00:00Z`. Default never. An expired key is renewed, with a new secret, when this is moved to a later time.",
			Validators:          []validator.String{wholeSeconds{}},
		},
		"rotation": schema.SingleNestedAttribute{
			Optional: true,
			MarkdownDescription: "Rotates the secret when it is old enough: the first plan after `rotates_after` shows a new `secret_version`, its apply mints it. " +
				"The id stays where the platform gives a key a new secret. Where it does not, as SendGrid and MailChannels, a new key is made, and the first apply after `overlap` deletes the old one, " +
				"which the plan shows. Setting or removing this rotates nothing.",
			Attributes: map[string]schema.Attribute{
				"period": schema.StringAttribute{
					Required:            true,
					CustomType:          timetypes.GoDurationType{},
					MarkdownDescription: "How old a secret may get, as a duration such as `720h` (30 days).",
					Validators:          []validator.String{duration{positive: true}},
				},
				"overlap": schema.StringAttribute{
					Optional:   true,
					CustomType: timetypes.GoDurationType{},
					MarkdownDescription: "How long the old secret stays good after a rotation, such as `24h`. Default `24h`, or as much of it as the platform allows; " +
						"`0s` ends it at once.",
					Validators: []validator.String{duration{}},
				},
				"early": schema.StringAttribute{
					Optional:            true,
					CustomType:          timetypes.GoDurationType{},
					MarkdownDescription: "How long before the end of `period` a plan may rotate already, such as `48h`, so that a run is not missed. Default `0s`.",
					Validators:          []validator.String{duration{}},
				},
			},
		},
		"secret_wo": schema.StringAttribute{
			Optional: true, WriteOnly: true, Sensitive: true,
			MarkdownDescription: "A secret of your own for the key, in the platform's format, such as that of the ephemeral `postern_secret`; on platforms where a key is an API user its password. " +
				"It is taken when the key is made and at each rotation, and ignored in between. It is in no state, plan or log, and `secret` is null then. " +
				"Where the service makes every secret itself, as SendGrid and MailChannels do, a plan refuses it. Needs Terraform 1.11.",
		},
		"rotate_when_changed": schema.MapAttribute{
			Optional:            true,
			ElementType:         types.StringType,
			MarkdownDescription: "Any values; when one of them changes, or is added to or removed from others, the secret is rotated in place. Setting this for the first time, and removing it, rotates nothing.",
		},
	}
}

// apiKeyFacts are the attributes that the service or the provider sets.
func apiKeyFacts() map[string]schema.Attribute {
	instant := func(text string) schema.StringAttribute {
		return schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: text}
	}
	return map[string]schema.Attribute{
		"id":         schema.StringAttribute{Computed: true, MarkdownDescription: "The key's id. It stays through every rotation, but on platforms where a rotation makes a new key."},
		"account_id": accountIDAttribute("key"),
		"effective_scopes": schema.SetAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "All that the key really grants: its scopes and all that they imply. Known in the plan.",
		},
		"username": schema.StringAttribute{Computed: true, MarkdownDescription: "What the key's holder signs in with, beside the password. Null on platforms where a key is no API user."},
		"automatic_scopes": schema.SetAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "Scopes that the service adds to the key by itself. Never part of `scopes` or `effective_scopes`, and never a change.",
		},
		"secret": schema.StringAttribute{
			Computed: true, Sensitive: true,
			MarkdownDescription: "What callers send to prove that they hold the key. **It lies in the state in clear text**; treat the state as a secret. Null after an import, until the next rotation, and for a secret that `secret_wo` gave.",
		},
		"secret_hint":       schema.StringAttribute{Computed: true, MarkdownDescription: "First characters of the secret, to recognise it by. Null for a password."},
		"secret_version":    schema.Int64Attribute{Computed: true, MarkdownDescription: "1 for the first secret and one more at each rotation. Known in the plan."},
		"secret_created_at": instant("When the current secret was made, in RFC 3339."),
		"previous_id":       schema.StringAttribute{Computed: true, MarkdownDescription: "Id of the key that the last rotation replaced, on platforms where a rotation makes a new key, until an apply deletes it. Null elsewhere."},
		"previous_secret_expires_at": instant("When the previous secret stops working, or stopped, in RFC 3339; where a rotation makes a new key, from when on an apply deletes the old one. " +
			"Null when the key was never rotated, and once the old one is deleted."),
		"rotation_reason": schema.StringAttribute{Computed: true, MarkdownDescription: "Why the last rotation happened, or the planned one will. Known in the plan."},
		"rotates_after":   instant("From when on a plan rotates the secret, in RFC 3339. Null without `rotation`."),
		"status":          schema.StringAttribute{Computed: true, MarkdownDescription: "Whether the key works: `active`, `inactive`, `expired`, or `locked` after too many wrong passwords."},
		"created_at":      instant("When the key was made, in RFC 3339."),
		"platform":        schema.StringAttribute{Computed: true, MarkdownDescription: "The platform whose rules the key follows. Known in the plan."},
		"class":           schema.StringAttribute{Computed: true, MarkdownDescription: "The class of its scopes, such as `general`; a key never mixes classes. Null where keys have no scopes. Known in the plan."},
		"manages_keys":    schema.BoolAttribute{Computed: true, MarkdownDescription: "Whether the key may make, change or delete API keys, and so give away what it holds. Known in the plan."},
		"secret_source": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "Where the next secret comes from: `chosen`, from `secret_wo`, or `service`, which makes it and puts it into the state. " +
				"It changes in the plan as soon as `secret_wo` is set or taken away, while the secret itself stays until the next rotation. Null after an import until the next apply.",
		},
		"effective_overlap": schema.StringAttribute{
			Computed: true,
			MarkdownDescription: "How long the old secret stays good after a rotation, counted from the apply: `rotation.overlap`, or what stands for it where it is left out. " +
				"`0s` means that a rotation ends the old secret at once. Null where keys are never rotated. Known in the plan.",
		},
		"applied_policy": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "The provider's `policy` that held when the key was last applied, as JSON. Null where none was set, and after an import. A later change of the policy alone does not change it.",
		},
	}
}

func (r *apiKeyResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config placedKey
	resp.Diagnostics.Append(r.get(ctx, req.Config, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if r, ok := plan.SettledRotation(toRotation(config.Rotation)); ok && r.Early.Zero() >= r.Period.Zero() && r.Period.Zero() > 0 {
		resp.Diagnostics.AddAttributeError(path.Root("rotation").AtName("early"), "Rotation is always due",
			fmt.Sprintf("early must be shorter than period, or every plan rotates: early is %s and period is %s.", r.Early.Zero(), r.Period.Zero()))
	}
}
