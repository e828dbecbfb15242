package httpapi

import (
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// No request has a number in its body; value would take none.
func TestRequestSchemasHoldWhatDecodeKnows(t *testing.T) {
	t.Parallel()
	r := humaConfig("test").Components.Schemas
	for _, schema := range []*huma.Schema{schemaOf[api.CreateAPIKey](r), schemaOf[api.UpdateAPIKey](r), schemaOf[api.RotateAPIKey](r), schemaOf[api.VerifyRequest](r)} {
		for name, property := range r.SchemaFromRef(schema.Ref).Properties {
			switch property.Type {
			case huma.TypeString, huma.TypeBoolean, huma.TypeArray, huma.TypeObject:
			default:
				t.Errorf("%s has the type %q", name, property.Type)
			}
		}
	}
}
