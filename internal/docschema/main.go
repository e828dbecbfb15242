// Command docschema prints the provider's schema as JSON for tfplugindocs, in the shape of
// `terraform providers schema -json`.
//
// Terraform prints only what its own version knows: before 1.12 no identities, before 1.14 no list resources and no
// actions. Asked in-process, the provider tells all of it, and docs/ is the same whichever Terraform is at hand.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/postern-dev/terraform-provider-postern/provider"
)

type object = map[string]any

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, to io.Writer) error {
	server := providerserver.NewProtocol6(provider.New("docs")())()
	got, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return fmt.Errorf("reading the provider's schema: %w", err)
	}
	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return fmt.Errorf("reading the identity schemas: %w", err)
	}
	for _, d := range append(got.Diagnostics, identities.Diagnostics...) {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return errors.New(d.Summary + ": " + d.Detail)
		}
	}

	all := object{
		"provider":                   schema(got.Provider),
		"resource_schemas":           each(got.ResourceSchemas, schema),
		"data_source_schemas":        each(got.DataSourceSchemas, schema),
		"ephemeral_resource_schemas": each(got.EphemeralResourceSchemas, schema),
		"list_resource_schemas":      each(got.ListResourceSchemas, schema),
		"action_schemas":             each(got.ActionSchemas, func(a *tfprotov6.ActionSchema) object { return schema(a.Schema) }),
		"functions":                  each(got.Functions, function),
		"resource_identity_schemas":  each(identities.IdentitySchemas, identity),
	}
	out := json.NewEncoder(to)
	out.SetIndent("", "  ")
	return out.Encode(object{
		"format_version": "1.0",
		// tfplugindocs looks in a file under this namespace only.
		"provider_schemas": object{"registry.terraform.io/hashicorp/postern": all},
	})
}

func each[T any](in map[string]T, convert func(T) object) object {
	out := object{}
	for name, v := range in {
		out[name] = convert(v)
	}
	return out
}

func schema(s *tfprotov6.Schema) object {
	return object{"version": s.Version, "block": block(s.Block)}
}

func block(b *tfprotov6.SchemaBlock) object {
	out := object{"attributes": attributes(b.Attributes), "deprecated": b.Deprecated}
	describe(out, b.Description, b.DescriptionKind)
	nested := object{}
	for _, n := range b.BlockTypes {
		nested[n.TypeName] = object{
			"nesting_mode": map[tfprotov6.SchemaNestedBlockNestingMode]string{
				tfprotov6.SchemaNestedBlockNestingModeSingle: "single",
				tfprotov6.SchemaNestedBlockNestingModeGroup:  "group",
				tfprotov6.SchemaNestedBlockNestingModeList:   "list",
				tfprotov6.SchemaNestedBlockNestingModeSet:    "set",
				tfprotov6.SchemaNestedBlockNestingModeMap:    "map",
			}[n.Nesting],
			"block":     block(n.Block),
			"min_items": n.MinItems,
			"max_items": n.MaxItems,
		}
	}
	out["block_types"] = nested
	return out
}

func attributes(in []*tfprotov6.SchemaAttribute) object {
	out := object{}
	for _, a := range in {
		one := object{
			"required": a.Required, "optional": a.Optional, "computed": a.Computed,
			"sensitive": a.Sensitive, "write_only": a.WriteOnly, "deprecated": a.Deprecated,
		}
		describe(one, a.Description, a.DescriptionKind)
		if a.NestedType != nil {
			one["nested_type"] = object{
				"attributes": attributes(a.NestedType.Attributes),
				"nesting_mode": map[tfprotov6.SchemaObjectNestingMode]string{
					tfprotov6.SchemaObjectNestingModeSingle: "single",
					tfprotov6.SchemaObjectNestingModeList:   "list",
					tfprotov6.SchemaObjectNestingModeSet:    "set",
					tfprotov6.SchemaObjectNestingModeMap:    "map",
				}[a.NestedType.Nesting],
			}
		} else {
			one["type"] = a.Type
		}
		out[a.Name] = one
	}
	return out
}

func identity(s *tfprotov6.ResourceIdentitySchema) object {
	out := object{}
	for _, a := range s.IdentityAttributes {
		out[a.Name] = object{
			"type": a.Type, "description": a.Description,
			"required_for_import": a.RequiredForImport, "optional_for_import": a.OptionalForImport,
		}
	}
	return object{"version": s.Version, "attributes": out}
}

func function(f *tfprotov6.Function) object {
	out := object{
		"description": f.Description, "summary": f.Summary, "deprecation_message": f.DeprecationMessage,
		"return_type": f.Return.Type,
	}
	parameters := []object{}
	for _, p := range f.Parameters {
		parameters = append(parameters, parameter(p))
	}
	out["parameters"] = parameters
	if f.VariadicParameter != nil {
		out["variadic_parameter"] = parameter(f.VariadicParameter)
	}
	return out
}

func parameter(p *tfprotov6.FunctionParameter) object {
	return object{"name": p.Name, "description": p.Description, "is_nullable": p.AllowNullValue, "type": p.Type}
}

func describe(out object, text string, kind tfprotov6.StringKind) {
	out["description"] = text
	out["description_kind"] = map[tfprotov6.StringKind]string{
		tfprotov6.StringKindPlain: "plain", tfprotov6.StringKindMarkdown: "markdown",
	}[kind]
}
