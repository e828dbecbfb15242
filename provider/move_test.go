package provider_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The states as each of the providers writes them, by what their sources declare.
func TestMove_TheStatesOfAllLinesAreUnderstoodAndNoSecretOfAnotherKeyIsTaken(t *testing.T) {
	t.Parallel()
	w := onVendor(t, "sendgrid")
	p := w.inProcess()
	const id, secret, foreign = "qfTQ6KG0QBiwWdJ0-pCLCA", "SG.qfTQ6KG0QBiwWdJ0-pCLCA.0123456789abcdefghijklmnopqrstuvwxyz_-ABCDE", "SG.aaaaaaaaaaaaaaaaaaaaaa.0123456789abcdefghijklmnopqrstuvwxyz_-ABCDE"
	for name, tt := range map[string]struct {
		provider, to string
		state        map[string]any
		secret, says string // says is an error, or a warning where there is no secret
	}{
		"kenzo0107":                {"kenzo0107", "postern_apikey", map[string]any{"id": id, "name": "n", "scopes": []any{"mail.send"}, "api_key": secret}, secret, ""},
		"kenzo0107, imported":      {"kenzo0107", "postern_apikey", map[string]any{"id": id, "name": "n", "scopes": []any{"mail.send"}, "api_key": nil}, "", "has no secret in state"},
		"Trois-Six":                {"trois-six", "postern_apikey", map[string]any{"id": id, "name": "n", "scopes": []any{"mail.send"}, "api_key": secret, "sub_user_on_behalf_of": nil}, secret, ""},
		"Trois-Six, of a subuser":  {"trois-six", "postern_subaccount_apikey", map[string]any{"id": id, "name": "n", "scopes": []any{"mail.send"}, "api_key": secret, "sub_user_on_behalf_of": "o'neil+a@example.com"}, secret, ""},
		"Trois-Six, other place":   {"trois-six", "postern_apikey", map[string]any{"id": id, "name": "n", "scopes": nil, "api_key": secret, "sub_user_on_behalf_of": "acme"}, "", "The key belongs to a subuser"},
		"taharah":                  {"taharah", "postern_apikey", map[string]any{"id": id, "name": "n", "scopes": []any{"mail.send"}, "api_key": secret}, secret, ""},
		"arslanbekov, with a time": {"arslanbekov", "postern_apikey", map[string]any{"id": id, "name": "n", "scopes": []any{}, "api_key": secret, "sub_user_on_behalf_of": "", "timeouts": map[string]any{"create": "30m"}}, secret, ""},
		"davidji99":                {"davidji99", "postern_apikey", map[string]any{"id": id, "name": "n", "scopes": []any{"mail.send"}, "key": secret}, secret, ""},
		"davidji99, imported":      {"davidji99", "postern_apikey", map[string]any{"id": id, "name": "n", "scopes": []any{}, "key": "not available as resource was imported"}, "", "has no secret in state"},
		"the secret of another":    {"kenzo0107", "postern_apikey", map[string]any{"id": id, "name": "n", "api_key": foreign}, "", "has no secret in state"},
		"an id that is a path":     {"kenzo0107", "postern_apikey", map[string]any{"id": "../scopes", "api_key": secret}, "", "has no id of an API key"},
		"no id":                    {"digitalocean", "postern_apikey", map[string]any{"name": "n", "destination": "./key"}, "", "has no id of an API key"},
		"an id of another kind":    {"kenzo0107", "postern_apikey", map[string]any{"id": 7}, "", "has no id of an API key"},
	} {
		state, err := json.Marshal(tt.state)
		if err != nil {
			t.Fatal(err)
		}
		got, err := p.server.MoveResourceState(t.Context(), &tfprotov6.MoveResourceStateRequest{
			SourceProviderAddress: "registry.terraform.io/" + tt.provider + "/sendgrid", SourceTypeName: "sendgrid_api_key", TargetTypeName: tt.to,
			SourceState: &tfprotov6.RawState{JSON: state},
		})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var said []string
		failed := false
		for _, d := range got.Diagnostics {
			said = append(said, d.Summary+": "+d.Detail)
			failed = failed || d.Severity == tfprotov6.DiagnosticSeverityError
		}
		text := strings.Join(said, "\n")
		if (tt.says == "") != (text == "") || !strings.Contains(text, tt.says) || strings.Contains(text, ".0123456789") {
			t.Errorf("%s: %q, want %q", name, text, tt.says)
		}
		if want := tt.says != "" && !strings.Contains(tt.says, "no secret"); failed != want {
			t.Errorf("%s: failed is %v", name, failed)
		}
		if failed {
			continue
		}
		at := p.attributes(p.schemas.ResourceSchemas[tt.to].ValueType(), got.TargetState)
		want := map[string]string{"id": id, "name": "n", "secret": tt.secret}
		want["subaccount"], _ = tt.state["sub_user_on_behalf_of"].(string)
		for attribute, value := range at {
			var held string
			if !value.IsNull() && (!value.Type().Is(tftypes.String) || value.As(&held) != nil) {
				t.Errorf("%s: %s is set before the service has said it", name, attribute)
			}
			if held != want[attribute] {
				t.Errorf("%s: %s is %q, want %q", name, attribute, held, want[attribute])
			}
		}
	}
}
