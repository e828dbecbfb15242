package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/postern-dev/terraform-provider-postern/internal/claims"
	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

// Server is what Terraform speaks to: the framework's server with its lists and actions.
type Server interface {
	tfprotov6.ProviderServer
	tfprotov6.ListResourceServer
	tfprotov6.ActionServer
}

// NewServer returns what serves the provider. All that it says to a person passes one cleaner
// on its way out: names come from services and states, and whatever quotes one, today or
// later, must not do anything to a terminal.
func NewServer(version string) func() tfprotov6.ProviderServer {
	return func() tfprotov6.ProviderServer {
		traffic := &claims.Traffic{}
		inner, ok := providerserver.NewProtocol6(&posternProvider{version, traffic})().(Server)
		if !ok {
			panic("the framework serves no lists or no actions")
		}
		return countedServer{cleanServer{inner}, traffic}
	}
}

// cleanServer cleans what calls say, and lends each of them its context: see lend.
type cleanServer struct{ Server }

// call makes a call with a context that is taken back, and cleans what it says.
func call[Req, Resp any](ctx context.Context, req Req, inner func(context.Context, Req) (*Resp, error), said func(*Resp) []*tfprotov6.Diagnostic) (*Resp, error) {
	ctx, takeBack := lend(ctx)
	defer takeBack()
	resp, err := inner(ctx, req)
	if resp != nil {
		clean(said(resp))
	}
	return resp, err
}

// clean makes messages fit to be shown.
func clean(all []*tfprotov6.Diagnostic) {
	for _, d := range all {
		d.Summary, d.Detail = outside.Line(d.Summary, outside.MostLine), outside.Lines(d.Detail, outside.MostDetail)
	}
}

// ConfigureProvider implements tfprotov6.ProviderServer.
func (s cleanServer) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	return call(ctx, req, s.Server.ConfigureProvider, func(r *tfprotov6.ConfigureProviderResponse) []*tfprotov6.Diagnostic { return r.Diagnostics })
}

// ValidateResourceConfig implements tfprotov6.ResourceServer.
func (s cleanServer) ValidateResourceConfig(ctx context.Context, req *tfprotov6.ValidateResourceConfigRequest) (*tfprotov6.ValidateResourceConfigResponse, error) {
	return call(ctx, req, s.Server.ValidateResourceConfig, func(r *tfprotov6.ValidateResourceConfigResponse) []*tfprotov6.Diagnostic { return r.Diagnostics })
}

// UpgradeResourceState implements tfprotov6.ResourceServer.
func (s cleanServer) UpgradeResourceState(ctx context.Context, req *tfprotov6.UpgradeResourceStateRequest) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return call(ctx, req, s.Server.UpgradeResourceState, func(r *tfprotov6.UpgradeResourceStateResponse) []*tfprotov6.Diagnostic { return r.Diagnostics })
}

// UpgradeResourceIdentity implements tfprotov6.ResourceServer.
func (s cleanServer) UpgradeResourceIdentity(ctx context.Context, req *tfprotov6.UpgradeResourceIdentityRequest) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return call(ctx, req, s.Server.UpgradeResourceIdentity, func(r *tfprotov6.UpgradeResourceIdentityResponse) []*tfprotov6.Diagnostic { return r.Diagnostics })
}

// ReadResource implements tfprotov6.ResourceServer.
func (s cleanServer) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	return call(ctx, req, s.Server.ReadResource, func(r *tfprotov6.ReadResourceResponse) []*tfprotov6.Diagnostic { return r.Diagnostics })
}

// PlanResourceChange implements tfprotov6.ResourceServer.
func (s cleanServer) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	return call(ctx, req, s.Server.PlanResourceChange, func(r *tfprotov6.PlanResourceChangeResponse) []*tfprotov6.Diagnostic { return r.Diagnostics })
}

// ApplyResourceChange implements tfprotov6.ResourceServer.
func (s cleanServer) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	return call(ctx, req, s.Server.ApplyResourceChange, func(r *tfprotov6.ApplyResourceChangeResponse) []*tfprotov6.Diagnostic { return r.Diagnostics })
}

// ImportResourceState implements tfprotov6.ResourceServer.
func (s cleanServer) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	return call(ctx, req, s.Server.ImportResourceState, func(r *tfprotov6.ImportResourceStateResponse) []*tfprotov6.Diagnostic { return r.Diagnostics })
}

// MoveResourceState implements tfprotov6.ResourceServer.
func (s cleanServer) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	return call(ctx, req, s.Server.MoveResourceState, func(r *tfprotov6.MoveResourceStateResponse) []*tfprotov6.Diagnostic { return r.Diagnostics })
}

// ValidateDataResourceConfig implements tfprotov6.DataSourceServer.
func (s cleanServer) ValidateDataResourceConfig(ctx context.Context, req *tfprotov6.ValidateDataResourceConfigRequest) (*tfprotov6.ValidateDataResourceConfigResponse, error) {
	return call(ctx, req, s.Server.ValidateDataResourceConfig, func(r *tfprotov6.ValidateDataResourceConfigResponse) []*tfprotov6.Diagnostic { return r.Diagnostics })
}

// ReadDataSource implements tfprotov6.DataSourceServer.
func (s cleanServer) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	return call(ctx, req, s.Server.ReadDataSource, func(r *tfprotov6.ReadDataSourceResponse) []*tfprotov6.Diagnostic { return r.Diagnostics })
}

// CallFunction implements tfprotov6.FunctionServer. What it says is about its arguments only.
func (s cleanServer) CallFunction(ctx context.Context, req *tfprotov6.CallFunctionRequest) (*tfprotov6.CallFunctionResponse, error) {
	return call(ctx, req, s.Server.CallFunction, func(*tfprotov6.CallFunctionResponse) []*tfprotov6.Diagnostic { return nil })
}

// GenerateResourceConfig implements tfprotov6.ResourceServer.
func (s cleanServer) GenerateResourceConfig(ctx context.Context, req *tfprotov6.GenerateResourceConfigRequest) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return call(ctx, req, s.Server.GenerateResourceConfig, func(r *tfprotov6.GenerateResourceConfigResponse) []*tfprotov6.Diagnostic { return r.Diagnostics })
}
