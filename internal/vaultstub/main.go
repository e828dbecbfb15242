// Command vaultstub stands in for hashicorp/vault in tests of examples, with as much of
// its kv version 2 as they use: the write-only data of a secret, and the reading of it
// as an ephemeral value. It speaks to a folder instead of a Vault: one file a secret.
//
// The real provider is no part of these tests as it needs a Vault; what they hold is how
// a secret travels within one apply, and that is Terraform's and Postern's doing.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// folder is the environment variable that names the folder. A file named "sealed_" in it
// makes every write fail.
const folder = "VAULTSTUB_FOLDER"

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return stub{} },
		providerserver.ServeOpts{Address: "registry.terraform.io/hashicorp/vault"})
	if err != nil {
		log.Fatal(err)
	}
}

func file(mount, name string) string {
	return filepath.Join(os.Getenv(folder), strings.ReplaceAll(mount+"/"+name, "/", "_"))
}

type stub struct{}

func (stub) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "vault"
}

func (stub) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (stub) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (stub) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return kv{} }}
}

func (stub) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (stub) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{func() ephemeral.EphemeralResource { return reading{} }}
}

// kv is vault_kv_secret_v2.
type kv struct{}

type kvModel struct {
	Path    types.String `tfsdk:"path"`
	Mount   types.String `tfsdk:"mount"`
	Name    types.String `tfsdk:"name"`
	Data    types.String `tfsdk:"data_json_wo"`
	Version types.Int64  `tfsdk:"data_json_wo_version"`
}

func (kv) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "vault_kv_secret_v2"
}

func (kv) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"path":                 schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()}},
		"mount":                schema.StringAttribute{Required: true},
		"name":                 schema.StringAttribute{Required: true},
		"data_json_wo":         schema.StringAttribute{Optional: true, WriteOnly: true},
		"data_json_wo_version": schema.Int64Attribute{Optional: true},
	}}
}

func (kv) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan kvModel
	var data types.String
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("data_json_wo"), &data)...)
	if err := write(plan, data); err != nil {
		resp.Diagnostics.AddError("Unable to write", err.Error())
		return
	}
	plan.Path = types.StringValue(plan.Mount.ValueString() + "/data/" + plan.Name.ValueString())
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func write(plan kvModel, data types.String) error {
	if _, err := os.Stat(file("sealed", "")); err == nil {
		return os.ErrPermission
	}
	return os.WriteFile(file(plan.Mount.ValueString(), plan.Name.ValueString()), []byte(data.ValueString()), 0o600)
}

func (kv) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (kv) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var plan kvModel
	var data types.String
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("data_json_wo"), &data)...)
	if err := write(plan, data); err != nil {
		resp.Diagnostics.AddError("Unable to write", err.Error())
		return
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (kv) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state kvModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	if err := os.Remove(file(state.Mount.ValueString(), state.Name.ValueString())); err != nil {
		resp.Diagnostics.AddError("Unable to delete", err.Error())
	}
}

// reading is the ephemeral vault_kv_secret_v2.
type reading struct{}

type readingModel struct {
	Mount types.String `tfsdk:"mount"`
	Name  types.String `tfsdk:"name"`
	Data  types.Map    `tfsdk:"data"`
}

func (reading) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = "vault_kv_secret_v2"
}

func (reading) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = ephemeralschema.Schema{Attributes: map[string]ephemeralschema.Attribute{
		"mount": ephemeralschema.StringAttribute{Required: true},
		"name":  ephemeralschema.StringAttribute{Required: true},
		"data":  ephemeralschema.MapAttribute{Computed: true, Sensitive: true, ElementType: types.StringType},
	}}
}

func (reading) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m readingModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)
	text, err := os.ReadFile(file(m.Mount.ValueString(), m.Name.ValueString()))
	var data map[string]string
	if err == nil {
		err = json.Unmarshal(text, &data)
	}
	if err != nil {
		resp.Diagnostics.AddError("Unable to read", err.Error())
		return
	}
	value, diags := types.MapValueFrom(ctx, types.StringType, data)
	resp.Diagnostics.Append(diags...)
	m.Data = value
	resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
}
