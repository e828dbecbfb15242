package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/postern-dev/terraform-provider-postern/internal/claims"
)

// countedServer counts what Terraform asks about each instance. Where names are taken, a plan
// goes by that: see the package claims.
type countedServer struct {
	Server
	traffic *claims.Traffic
}

// ReadResource implements tfprotov6.ResourceServer.
func (s countedServer) ReadResource(ctx context.Context, req *tfprotov6.ReadResourceRequest) (*tfprotov6.ReadResourceResponse, error) {
	defer s.traffic.Begin(claims.Read)()
	return s.Server.ReadResource(ctx, req)
}

// ImportResourceState implements tfprotov6.ResourceServer.
func (s countedServer) ImportResourceState(ctx context.Context, req *tfprotov6.ImportResourceStateRequest) (*tfprotov6.ImportResourceStateResponse, error) {
	defer s.traffic.Begin(claims.Read)()
	return s.Server.ImportResourceState(ctx, req)
}

// PlanResourceChange implements tfprotov6.ResourceServer.
func (s countedServer) PlanResourceChange(ctx context.Context, req *tfprotov6.PlanResourceChangeRequest) (*tfprotov6.PlanResourceChangeResponse, error) {
	defer s.traffic.Begin(claims.Plan)()
	return s.Server.PlanResourceChange(ctx, req)
}

// ApplyResourceChange implements tfprotov6.ResourceServer.
func (s countedServer) ApplyResourceChange(ctx context.Context, req *tfprotov6.ApplyResourceChangeRequest) (*tfprotov6.ApplyResourceChangeResponse, error) {
	defer s.traffic.Begin(claims.Apply)()
	return s.Server.ApplyResourceChange(ctx, req)
}

// ReadDataSource implements tfprotov6.DataSourceServer.
func (s countedServer) ReadDataSource(ctx context.Context, req *tfprotov6.ReadDataSourceRequest) (*tfprotov6.ReadDataSourceResponse, error) {
	defer s.traffic.Begin(claims.Look)()
	return s.Server.ReadDataSource(ctx, req)
}

// OpenEphemeralResource implements tfprotov6.EphemeralResourceServer.
func (s countedServer) OpenEphemeralResource(ctx context.Context, req *tfprotov6.OpenEphemeralResourceRequest) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	defer s.traffic.Begin(claims.Look)()
	return s.Server.OpenEphemeralResource(ctx, req)
}
