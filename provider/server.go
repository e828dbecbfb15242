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

// cleanServer cleans what calls that know of a service say. What only looks at a configuration
// repeats nothing but that.
type cleanServer struct{ Server }

// clean makes messages fit to be shown.
func clean(all []*tfprotov6.Diagnostic) {
	for _, d := range all {
		d.Summary, d.Detail = outside.Line(d.Summary, outside.MostLine), outside.Lines(d.Detail, outside.MostDetail)
	}
}

// ConfigureProvider implements tfprotov6.ProviderServer.
func (s cleanServer) ConfigureProvider(ctx context.Context, req *tfprotov6.ConfigureProviderRequest) (*tfprotov6.ConfigureProviderResponse, error) {
	resp, err := s.Server.ConfigureProvider(ctx, req)
	if resp != nil {
		clean(resp.Diagnostics)
	}
	return resp, err
}

// ReadResource implements tfprotov6.ResourceServer.
func (s cleanServer) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	resp, err := s.Server.ReadResource(ctx, req)
	if resp != nil {
		clean(resp.Diagnostics)
	}
	return resp, err
}

// PlanResourceChange implements tfprotov6.ResourceServer.
func (s cleanServer) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	resp, err := s.Server.PlanResourceChange(ctx, req)
	if resp != nil {
		clean(resp.Diagnostics)
	}
	return resp, err
}

// ApplyResourceChange implements tfprotov6.ResourceServer.
func (s cleanServer) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	resp, err := s.Server.ApplyResourceChange(ctx, req)
	if resp != nil {
		clean(resp.Diagnostics)
	}
	return resp, err
}

// ImportResourceState implements tfprotov6.ResourceServer.
func (s cleanServer) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	resp, err := s.Server.ImportResourceState(ctx, req)
	if resp != nil {
		clean(resp.Diagnostics)
	}
	return resp, err
}

// MoveResourceState implements tfprotov6.ResourceServer.
func (s cleanServer) MoveResourceState(ctx context.Context, req *tfprotov6.MoveResourceStateRequest) (*tfprotov6.MoveResourceStateResponse, error) {
	resp, err := s.Server.MoveResourceState(ctx, req)
	if resp != nil {
		clean(resp.Diagnostics)
	}
	return resp, err
}

// ReadDataSource implements tfprotov6.DataSourceServer.
func (s cleanServer) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	resp, err := s.Server.ReadDataSource(ctx, req)
	if resp != nil {
		clean(resp.Diagnostics)
	}
	return resp, err
}
