package provider

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

var _ ephemeral.EphemeralResource = (*secretEphemeral)(nil)

// NewSecretEphemeral returns the ephemeral postern_secret.
func NewSecretEphemeral() ephemeral.EphemeralResource { return &secretEphemeral{} }

// secretEphemeral makes a secret on the caller's machine. It asks no service, so that a
// plan, which opens it too, leaves nothing behind.
type secretEphemeral struct{}

type secretModel struct {
	Platform types.String `tfsdk:"platform"`
	Format   types.Object `tfsdk:"format"`
	Secret   types.String `tfsdk:"secret"`
}

// formatModel is a format of secrets that no built-in platform has.
type formatModel struct {
	Prefix   types.String `tfsdk:"prefix"`
	Alphabet types.String `tfsdk:"alphabet"`
	Length   types.Int64  `tfsdk:"length"`
	Checksum types.Bool   `tfsdk:"checksum"`
}

// defaultPlatform is the one that a secret is for unless it says otherwise.
const defaultPlatform = "postern"

func (*secretEphemeral) Metadata(_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_secret"
}

func (*secretEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A new secret for an API key, made at random on the machine that runs Terraform. It calls no service, so that a plan leaves nothing behind, " +
			"and it is in no state, plan or log. Give it to `secret_wo` of a key and to a write-only argument of a secret manager in the same apply.\n\n" +
			"**It is another secret each time Terraform runs.** The key takes it only when it is made or rotated; let the same thing decide when the secret manager takes it, such as the key's `secret_version`.",
		Attributes: map[string]schema.Attribute{
			"platform": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Name of a built-in platform, which says what its secrets look like: `" + strings.Join(platform.Names(), "`, `") + "`. Default `" + defaultPlatform + "`. " +
					"Where a key is an API user, it is a password that fits. A SendGrid secret holds the id of its key and can be made by SendGrid only.",
			},
			"format": schema.SingleNestedAttribute{
				Optional:            true,
				MarkdownDescription: "What a secret looks like on a platform of an operator's own file, instead of `platform`.",
				Attributes: map[string]schema.Attribute{
					"prefix":   schema.StringAttribute{Required: true, MarkdownDescription: "What it begins with, 1 to 32 visible ASCII characters."},
					"alphabet": schema.StringAttribute{Required: true, MarkdownDescription: "What the random characters are: `" + strings.Join(secret.Alphabets(), "` or `") + "`."},
					"length":   schema.Int64Attribute{Required: true, MarkdownDescription: "How many random characters, 22 to 128."},
					"checksum": schema.BoolAttribute{Optional: true, MarkdownDescription: "Whether it ends with a checksum of all before. Default `false`."},
				},
			},
			"secret": schema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: "The secret."},
		},
	}
}

func (*secretEphemeral) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m secretModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if !m.Platform.IsNull() && !m.Format.IsNull() {
		resp.Diagnostics.AddAttributeError(path.Root("format"), "Platform and format", "A secret is for a built-in platform or has a format of its own. Remove one of the two.")
		return
	}
	made, at, problem := m.mint(ctx)
	if problem != "" {
		resp.Diagnostics.AddAttributeError(at, "No secret can be made", problem)
		return
	}
	m.Secret = types.StringValue(made.Reveal())
	resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
}

// mint makes the secret, or says on which attribute it cannot, and why.
func (m secretModel) mint(ctx context.Context) (made secret.Secret, at path.Path, problem string) {
	if !m.Format.IsNull() {
		at = path.Root("format")
		var in formatModel
		if diags := m.Format.As(ctx, &in, objectOptions); diags.HasError() {
			return made, at, diags[0].Detail()
		}
		f := secret.Format{Prefix: in.Prefix.ValueString(), Alphabet: in.Alphabet.ValueString(), Length: int(in.Length.ValueInt64()), Checksum: in.Checksum.ValueBool()}
		if err := f.Check(); err != nil {
			return made, at, fmt.Sprintf("The %v.", err)
		}
		return f.Mint(""), at, ""
	}
	at = path.Root("platform")
	name := defaultPlatform
	if !m.Platform.IsNull() {
		name = m.Platform.ValueString()
	}
	read, ok := builtins[name]
	if !ok {
		return made, at, fmt.Sprintf("Platform %s is not built in%s. Use one of %s, or set format for one of an operator's own.",
			shown(name), theNearest(name, platform.Names()), strings.Join(platform.Names(), ", "))
	}
	p, err := read()
	if err == nil {
		made, err = p.NewSecret()
	}
	if err != nil {
		return made, at, fmt.Sprintf("For platform %s: %v. Leave secret_wo out there; the secret then lies in the state.", name, err)
	}
	return made, at, ""
}
