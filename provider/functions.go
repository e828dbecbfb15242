package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
)

var _ provider.ProviderWithFunctions = (*posternProvider)(nil)

// Functions returns what the provider can compute without a service.
func (p *posternProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{
		NewCompareScopesFunction, NewCoversScopeFunction, NewExpandScopesFunction, NewGrantAccessFunction,
		NewMatchScopesFunction, NewParseScopeFunction, NewUsePresetFunction,
	}
}
