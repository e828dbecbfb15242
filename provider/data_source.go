package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// dataSource is what every data source has in common.
type dataSource struct {
	backend    backend.Backend
	subaccount types.String // the provider's
}

// Configure takes over what the provider is configured with.
func (d *dataSource) Configure(_ context.Context, req datasource.ConfigureRequest, _ *datasource.ConfigureResponse) {
	if data, ok := req.ProviderData.(*configured); ok {
		d.backend, d.subaccount = data.backend, data.subaccount
	}
}

func (d *dataSource) ready(diags *diag.Diagnostics) bool { return ready(d.backend, diags) }

// ready reports whether the service is known, and says what to do when it is
// not.
func ready(b backend.Backend, diags *diag.Diagnostics) bool {
	if b != nil {
		return true
	}
	diags.AddError("The provider is not configured yet",
		"Its endpoint or api_key depends on something that is known after apply only. Apply that first, for instance with -target, then plan again.")
	return false
}
