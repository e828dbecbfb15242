package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/provider"
)

var (
	setOfStrings = tftypes.Set{ElementType: tftypes.String}
	mapOfStrings = tftypes.Map{ElementType: tftypes.String}
	tfUnknown    = tftypes.NewValue(tftypes.String, tftypes.UnknownValue)
	tfNull       = tftypes.NewValue(tftypes.String, nil)
)

func tfText(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

func tfSet(members ...string) tftypes.Value {
	values := []tftypes.Value{}
	for _, m := range members {
		values = append(values, tfText(m))
	}
	return tfSetWith(values...)
}

func tfSetWith(members ...tftypes.Value) tftypes.Value {
	return tftypes.NewValue(setOfStrings, members)
}

func tfLevels(pairs ...string) tftypes.Value {
	values := map[string]tftypes.Value{}
	for pair := range slices.Chunk(pairs, 2) {
		values[pair[0]] = tfText(pair[1])
	}
	return tftypes.NewValue(mapOfStrings, values)
}

// callFunction calls a function as Terraform does, in-process.
func callFunction(t *testing.T, name string, arguments ...tftypes.Value) (tftypes.Value, *tfprotov6.FunctionError) {
	t.Helper()
	_, all := schemas(t)
	definition := all.Functions[name]
	if definition == nil {
		t.Fatalf("there is no function %s", name)
	}
	server := provider.NewServer("test")()
	req := &tfprotov6.CallFunctionRequest{Name: name}
	for _, a := range arguments {
		value, err := tfprotov6.NewDynamicValue(a.Type(), a)
		if err != nil {
			t.Fatal(err)
		}
		req.Arguments = append(req.Arguments, &value)
	}
	resp, err := server.CallFunction(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Error != nil {
		return tftypes.Value{}, resp.Error
	}
	result, err := resp.Result.Unmarshal(definition.Return.Type)
	if err != nil {
		t.Fatal(err)
	}
	return result, nil
}

func TestFunctions_Refuse(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		function  string
		arguments []tftypes.Value
		at        int64
		want      string
	}{
		"a misspelt platform": {"expand_scopes", []tftypes.Value{tfText("sendgird"), tfSet()}, 0,
			`platform "sendgird" is not built in; the nearest is "sendgrid"; use one of benchmark, dotdigital, mailchannels, postern, sendgrid. The scopes of a platform from an operator's own file are in the data source postern_scopes`},
		"a platform like no other": {"use_preset", []tftypes.Value{tfText("acme-mailer"), tfText("mail")}, 0,
			`platform "acme-mailer" is not built in; use one of benchmark, dotdigital`},
		"an empty platform": {"match_scopes", []tftypes.Value{tfText(""), tfText("*")}, 0, `platform "" is not built in; use one of`},
		"a misspelt scope": {"expand_scopes", []tftypes.Value{tfText("sendgrid"), tfSet("mail.sned", "mail.batch.read")}, 1,
			`scope "mail.sned" does not exist on the built-in platform sendgrid; the nearest is "mail.send". All of its names: match_scopes("sendgrid", "*")`},
		"two scopes that do not exist": {"expand_scopes", []tftypes.Value{tfText("benchmark"), tfSet("quite:other", "report:read")}, 1,
			"scope \"quite:other\" does not exist on the built-in platform benchmark\nscope \"report:read\" does not exist on the built-in platform benchmark; the nearest is \"reports:read\". All"},
		"a scope of the account's own": {"expand_scopes", []tftypes.Value{tfText("postern"), tfSet("invoices:export")}, 1,
			`scope "invoices:export" does not exist on the built-in platform postern. Scopes that your own account has defined are in the data source postern_scopes`},
		"a scope where there are none": {"expand_scopes", []tftypes.Value{tfText("dotdigital"), tfSet("read")}, 1,
			`scope "read" does not exist on the built-in platform dotdigital. It has no scopes: each of its keys may do all that it can`},
		"a scope that comes by itself": {"expand_scopes", []tftypes.Value{tfText("sendgrid"), tfSet("2fa_required")}, 1,
			`scope "2fa_required" is added by SendGrid itself and never asked for; leave it out`},
		"an empty scope": {"expand_scopes", []tftypes.Value{tfText("sendgrid"), tfSet("")}, 1, `scope "" does not exist`},
		"a null in scopes": {"expand_scopes", []tftypes.Value{tfText("sendgrid"), tfSetWith(tfText("mail.send"), tfNull)}, 1,
			`it holds a null, which names no scope; leave it out`},
		"a scope too long to compare": {"parse_scope", []tftypes.Value{tfText("postern"), tfText(strings.Repeat("é", 100_000))}, 1,
			`scope "éééééééééééééééééééé" and 99980 characters more does not exist on the built-in platform postern. Scopes`},

		"covers_scope: a held scope that does not exist": {"covers_scope", []tftypes.Value{tfText("benchmark"), tfSet("report:read"), tfText("reports:read")}, 1, `the nearest is "reports:read"`},
		"covers_scope: a needed scope that does not exist": {"covers_scope", []tftypes.Value{tfText("benchmark"), tfSet("reports:read"), tfText("report:read")}, 2,
			`scope "report:read" does not exist on the built-in platform benchmark; the nearest is "reports:read"`},
		"compare_scopes: before": {"compare_scopes", []tftypes.Value{tfText("benchmark"), tfSet("report:read"), tfSet()}, 1, `the nearest is "reports:read"`},
		"compare_scopes: after":  {"compare_scopes", []tftypes.Value{tfText("benchmark"), tfSet(), tfSet("report:read")}, 2, `the nearest is "reports:read"`},
		"parse_scope":            {"parse_scope", []tftypes.Value{tfText("sendgrid"), tfText("mail.sent")}, 1, `the nearest is "mail.send"`},

		"a pattern that nothing matches": {"match_scopes", []tftypes.Value{tfText("sendgrid"), tfText("mial.*")}, 1,
			`no scope of the built-in platform sendgrid matches "mial.*"; the nearest that does is "mail.*"`},
		"a pattern that is a scope's name, nearly": {"match_scopes", []tftypes.Value{tfText("sendgrid"), tfText("mail.sned")}, 1, `the nearest that does is "mail.send"`},
		"a pattern without its star":               {"match_scopes", []tftypes.Value{tfText("sendgrid"), tfText("mail.batch")}, 1, `the nearest that does is "mail.batch*"`},
		"a pattern that names a group": {"match_scopes", []tftypes.Value{tfText("sendgrid"), tfText("domain_authentication.*")}, 1,
			`matches "domain_authentication.*"; "domain_authentication" is the name of a group, whose scopes grant_access gives`},
		"a pattern near nothing": {"match_scopes", []tftypes.Value{tfText("sendgrid"), tfText("newsletters-of-mine*")}, 1,
			`matches "newsletters-of-mine*". All of its names: match_scopes("sendgrid", "*")`},
		"a pattern where there are no scopes": {"match_scopes", []tftypes.Value{tfText("dotdigital"), tfText("*")}, 1, `matches "*". It has no scopes`},
		"a pattern that no name can match":    {"match_scopes", []tftypes.Value{tfText("sendgrid"), tfText("Mail.*")}, 1, `pattern "Mail.*" may hold lower case letters`},
		"an empty pattern":                    {"match_scopes", []tftypes.Value{tfText("sendgrid"), tfText("")}, 1, `pattern "" must not be empty; "*" matches every name`},
		"a pattern too long to compare":       {"match_scopes", []tftypes.Value{tfText("sendgrid"), tfText(strings.Repeat("a", 100_000))}, 1, `"aaaaaaaaaaaaaaaaaaaa" and 99980 characters more must be at most 128`},

		"a misspelt preset": {"use_preset", []tftypes.Value{tfText("sendgrid"), tfText("mial")}, 1,
			`preset "mial" does not exist on the built-in platform sendgrid; the nearest is "mail"; use one of billing, mail, marketing, stats, whitelabel`},
		"a preset like no other":    {"use_preset", []tftypes.Value{tfText("sendgrid"), tfText("newsletters")}, 1, `platform sendgrid; use one of billing`},
		"an empty preset":           {"use_preset", []tftypes.Value{tfText("sendgrid"), tfText("")}, 1, `preset "" does not exist`},
		"a platform without preset": {"use_preset", []tftypes.Value{tfText("benchmark"), tfText("mail")}, 1, `on the built-in platform benchmark, which has none; name its scopes instead`},

		"a misspelt group": {"grant_access", []tftypes.Value{tfText("sendgrid"), tfLevels("mial", "full")}, 1,
			`on the built-in platform sendgrid, access.mial is no group of scopes; the nearest is "mail"`},
		"a misspelt level": {"grant_access", []tftypes.Value{tfText("sendgrid"), tfLevels("mail", "Full", "stats", "rd")}, 1,
			`access.mail must be none, read or full; access.stats must be none, read or full`},
		"a level that the group does not have": {"grant_access", []tftypes.Value{tfText("postern"), tfLevels("data", "read")}, 1, `the built-in platform postern has no groups with levels; name its scopes instead`},
		"a null level": {"grant_access", []tftypes.Value{tfText("sendgrid"), tftypes.NewValue(mapOfStrings, map[string]tftypes.Value{"mail": tfNull})}, 1,
			`the level of "mail" is null; write "none" for no access, or leave the group out`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, refused := callFunction(t, tc.function, tc.arguments...)
			switch {
			case refused == nil:
				t.Errorf("got %s", result)
			case refused.FunctionArgument == nil || *refused.FunctionArgument != tc.at:
				t.Errorf("at %v, want %d: %s", refused.FunctionArgument, tc.at, refused.Text)
			case !strings.Contains(refused.Text, tc.want):
				t.Errorf("got  %s\nwant %s", refused.Text, tc.want)
			case strings.HasSuffix(refused.Text, "."):
				t.Errorf("Terraform adds a full stop of its own to %q", refused.Text)
			}
		})
	}
}

// Terraform itself calls no function with such arguments; what stands in for it may.
func TestFunctions_UnknownMembersGiveAnUnknownResult(t *testing.T) {
	t.Parallel()
	some := tfSetWith(tfText("contacts:write"), tfUnknown)
	all := tftypes.NewValue(setOfStrings, tftypes.UnknownValue)
	for name, tc := range map[string]struct {
		function  string
		arguments []tftypes.Value
	}{
		"expand_scopes":         {"expand_scopes", []tftypes.Value{tfText("benchmark"), some}},
		"expand_scopes, all":    {"expand_scopes", []tftypes.Value{tfText("benchmark"), all}},
		"expand_scopes, a typo": {"expand_scopes", []tftypes.Value{tfText("benchmark"), tfSetWith(tfText("a typo"), tfUnknown)}},
		"covers_scope":          {"covers_scope", []tftypes.Value{tfText("benchmark"), some, tfText("contacts:read")}},
		"compare_scopes before": {"compare_scopes", []tftypes.Value{tfText("benchmark"), some, tfSet()}},
		"compare_scopes after":  {"compare_scopes", []tftypes.Value{tfText("benchmark"), tfSet(), some}},
		"grant_access":          {"grant_access", []tftypes.Value{tfText("benchmark"), tftypes.NewValue(mapOfStrings, map[string]tftypes.Value{"contacts": tfUnknown, "domains": tfText("typo")})}},
		"grant_access, all":     {"grant_access", []tftypes.Value{tfText("benchmark"), tftypes.NewValue(mapOfStrings, tftypes.UnknownValue)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, refused := callFunction(t, tc.function, tc.arguments...); refused != nil || got.IsKnown() {
				t.Errorf("got %s, %v", got, refused)
			}
		})
	}
}

func TestFunctions_EveryBuiltInPlatformIsKnown(t *testing.T) {
	t.Parallel()
	for _, name := range platform.Names() {
		p, err := platform.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		all := tfSet(p.Scopes.Names()...)
		if got, refused := callFunction(t, "expand_scopes", tfText(name), all); refused != nil || !got.Equal(all) {
			t.Errorf("%s: all of its scopes grant %s, %v", name, got, refused)
		}
		for _, preset := range p.Presets {
			if got, refused := callFunction(t, "use_preset", tfText(name), tfText(preset.Name)); refused != nil || !got.Equal(tfSet(preset.Scopes...)) {
				t.Errorf("%s, %s: %s, %v", name, preset.Name, got, refused)
			}
		}
	}
}

// Sets have no order, but a result that came in another one each time would be
// another result to Terraform's own check of pure functions.
func TestFunctions_ResultsAreSorted(t *testing.T) {
	t.Parallel()
	got, refused := callFunction(t, "match_scopes", tfText("sendgrid"), tfText("mail.*"))
	if refused != nil {
		t.Fatal(refused.Text)
	}
	var members []tftypes.Value
	if err := got.As(&members); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, m := range members {
		var one string
		if err := m.As(&one); err != nil {
			t.Fatal(err)
		}
		found = append(found, one)
	}
	if diff := cmp.Diff([]string{"mail.batch.create", "mail.batch.delete", "mail.batch.read", "mail.batch.update", "mail.send"}, found); diff != "" {
		t.Error(diff)
	}
}

func TestFunctions_DescriptionsAreWhole(t *testing.T) {
	t.Parallel()
	_, got := schemas(t)
	if len(got.Functions) != 7 {
		t.Errorf("%d functions", len(got.Functions))
	}
	for name, f := range got.Functions {
		if !sentence(f.Summary) || !sentence(f.Description) {
			t.Errorf("%s: summary %q, description %q", name, f.Summary, f.Description)
		}
		if !strings.Contains(f.Description, "scopes that an account has defined") {
			t.Errorf("%s does not say what it does not know", name)
		}
		for _, p := range f.Parameters {
			if p.Name == "" || !sentence(p.Description) {
				t.Errorf("%s, %q: description %q", name, p.Name, p.Description)
			}
		}
	}
}
