// Command sendgridstub stands in for kenzo0107/sendgrid in tests of examples, with as much
// of it as a migration meets: the resource sendgrid_api_key, with the attributes that the
// real one has. Like that one it speaks SendGrid's v3 API, at the address in an environment
// variable, and hides the scopes that SendGrid adds by itself.
//
// The real provider is no part of these tests as it has no setting for an address; what they
// hold is how a key changes hands, and that is Terraform's and Postern's doing.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"os"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The environment variables: where SendGrid is, and the key.
const (
	envEndpoint = "SENDGRIDSTUB_ENDPOINT"
	envKey      = "SENDGRID_API_KEY"
)

// hidden are the scopes that the real provider takes out of what it reads.
var hidden = []string{"2fa_required", "sender_verification_eligible", "sender_verification_legacy"}

func main() {
	err := providerserver.Serve(context.Background(), func() provider.Provider { return stub{} },
		providerserver.ServeOpts{Address: "registry.terraform.io/kenzo0107/sendgrid"})
	if err != nil {
		log.Fatal(err)
	}
}

type stub struct{}

func (stub) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "sendgrid"
}

func (stub) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (stub) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

func (stub) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return apiKey{} }}
}

func (stub) DataSources(context.Context) []func() datasource.DataSource { return nil }

// apiKey is sendgrid_api_key.
type apiKey struct{}

type apiKeyModel struct {
	ID     types.String `tfsdk:"id"`
	Name   types.String `tfsdk:"name"`
	Scopes types.Set    `tfsdk:"scopes"`
	APIKey types.String `tfsdk:"api_key"`
	// Subuser is an attribute of Trois-Six/sendgrid and arslanbekov/sendgrid, not of
	// kenzo0107/sendgrid.
	Subuser types.String `tfsdk:"sub_user_on_behalf_of"`
}

// wireKey is a key as SendGrid takes and sends it.
type wireKey struct {
	ID     string   `json:"api_key_id,omitempty"`
	Name   string   `json:"name"`
	Scopes []string `json:"scopes"`
	APIKey string   `json:"api_key,omitempty"`
}

func (apiKey) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "sendgrid_api_key"
}

func (apiKey) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: map[string]schema.Attribute{
		"id":      schema.StringAttribute{Computed: true},
		"name":    schema.StringAttribute{Required: true},
		"scopes":  schema.SetAttribute{ElementType: types.StringType, Optional: true},
		"api_key": schema.StringAttribute{Computed: true, Sensitive: true},

		"sub_user_on_behalf_of": schema.StringAttribute{Optional: true},
	}}
}

func (apiKey) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan apiKeyModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	var asked []string
	resp.Diagnostics.Append(plan.Scopes.ElementsAs(ctx, &asked, false)...)
	if resp.Diagnostics.HasError() {
		return
	}
	var made wireKey
	if !call(ctx, http.MethodPost, "", plan.Subuser, wireKey{Name: plan.Name.ValueString(), Scopes: asked}, &made, &resp.Diagnostics) {
		return
	}
	plan.ID, plan.APIKey = types.StringValue(made.ID), types.StringValue(made.APIKey)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (apiKey) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state apiKeyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	var key wireKey
	if resp.Diagnostics.HasError() || !call(ctx, http.MethodGet, "/"+state.ID.ValueString(), state.Subuser, nil, &key, &resp.Diagnostics) {
		return
	}
	key.Scopes = slices.DeleteFunc(key.Scopes, func(name string) bool { return slices.Contains(hidden, name) })
	scopes, diags := types.SetValueFrom(ctx, types.StringType, key.Scopes)
	resp.Diagnostics.Append(diags...)
	state.Name, state.Scopes = types.StringValue(key.Name), scopes
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

func (apiKey) Update(_ context.Context, _ resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.AddError("Unable to update", "No migration updates a key with the old provider.")
}

func (apiKey) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state apiKeyModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	call(ctx, http.MethodDelete, "/"+state.ID.ValueString(), state.Subuser, nil, nil, &resp.Diagnostics)
}

// call makes a call about API keys of the account, or of a subuser, and reports whether it succeeded. Without in there is
// no body, without out no answer is read.
func call(ctx context.Context, method, below string, subuser types.String, in, out any, diags *diag.Diagnostics) bool {
	err := func() error {
		body := &bytes.Buffer{}
		if in != nil {
			if err := json.NewEncoder(body).Encode(in); err != nil {
				return err
			}
		}
		req, err := http.NewRequestWithContext(ctx, method, os.Getenv(envEndpoint)+"/v3/api_keys"+below, body) //nolint:gosec // the test that starts it says where SendGrid is
		if err != nil {
			return err
		}
		req.Header.Set("Authorization", "Bearer "+os.Getenv(envKey))
		req.Header.Set("Content-Type", "application/json")
		if name := subuser.ValueString(); name != "" {
			req.Header.Set("On-Behalf-Of", name)
		}
		resp, err := http.DefaultClient.Do(req) //nolint:gosec // as above
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode >= http.StatusMultipleChoices {
			return fmt.Errorf("SendGrid answered %s", resp.Status)
		}
		if out == nil {
			return nil
		}
		return json.NewDecoder(resp.Body).Decode(out)
	}()
	if err != nil {
		diags.AddError("Unable to "+method+" an API key", err.Error())
	}
	return err == nil
}
