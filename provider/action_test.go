package provider_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

const (
	rotateAPIKey = "postern_rotate_apikey"
	revokeAPIKey = "postern_revoke_apikey"
)

// makeKey makes a key of the account behind Terraform's back.
func (w world) makeKey(in api.CreateAPIKey) api.IssuedAPIKey {
	w.t.Helper()
	made, err := w.client.APIKeys.Create(w.t.Context(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return *made
}

func TestRotateAction_GivesTheSecretThatWasChosenAndTellsNobody(t *testing.T) {
	t.Parallel()
	w := on(t, "dotdigital")
	user := w.makeKey(api.CreateAPIKey{Name: "test", Secret: api.NewSecret("first-one-1")})
	told, diags := w.inProcess().act(rotateAPIKey, object{"id": text(user.ID), "secret_wo": text("second-one-2")})
	if len(diags) != 0 || len(told) != 2 || !strings.Contains(told[1], "The old one is refused") {
		t.Errorf("told %q, %s", told, say(diags))
	}
	if now, before := w.signIn("second-one-2"), w.signIn("first-one-1"); now != api.VerifyValid || before != api.VerifyInvalid {
		t.Errorf("the new password is %s, the old one %s", now, before)
	}
	if strings.Contains(strings.Join(told, " ")+w.server.Logs(), "second-one-2") {
		t.Error("the password was told or logged")
	}
}

// A secret that the service makes is shown once, and an action shows nothing.
func TestRotateAction_NoSecretIsEverLost(t *testing.T) {
	t.Parallel()
	users, minted, kept, owned := on(t, "dotdigital"), newWorld(t), on(t, "sendgrid"), on(t, "mailchannels")
	user := users.makeKey(api.CreateAPIKey{Name: "test", Secret: api.NewSecret("first-one-1")})
	key := minted.makeKey(api.CreateAPIKey{Name: "test", Scopes: []string{"write"}})
	kept.makeKey(api.CreateAPIKey{Name: "test", Scopes: []string{"mail.send"}})
	_, limited := owned.server.NewKey(t, "api")
	holdsID := onAcme(t, `length   = 43`, "length = 43\n id_length = 22")
	of := holdsID.makeKey(api.CreateAPIKey{Name: "test", Scopes: []string{"mail:read"}})
	secret := text("second-one-2")
	for name, tc := range map[string]struct {
		p      inProcess
		config object
		want   string
	}{
		"none is chosen":             {users.inProcess(), object{"id": text(user.ID)}, "be lost.*rotate_when_changed"},
		"none is chosen, minted":     {minted.inProcess(), object{"id": text(key.ID)}, "be lost.*rotate_when_changed"},
		"an empty one":               {users.inProcess(), object{"id": text(user.ID), "secret_wo": text("")}, "Missing secret"},
		"one of another form":        {minted.inProcess(), object{"id": text(key.ID), "secret_wo": secret}, `breaks the platform's rules.*"ptn_key_" and 43`},
		"it cannot be chosen":        {holdsID.inProcess(), object{"id": text(of.ID), "secret_wo": secret}, "cannot be chosen.*be lost.*rotate_when_changed"},
		"keys keep their secret":     {kept.inProcess(), object{"id": text(kept.only().ID), "secret_wo": secret}, "never rotated"},
		"only an owner may":          {owned.inProcessAs(limited), object{"id": text("key_x"), "secret_wo": secret}, "Only an owner credential"},
		"an overlap":                 {users.inProcess(), object{"id": text(user.ID), "secret_wo": secret, "overlap": text("1h")}, "at most 0s"},
		"a negative overlap":         {users.inProcess(), object{"id": text(user.ID), "secret_wo": secret, "overlap": text("-1h")}, "Invalid duration"},
		"a key that is not there":    {users.inProcess(), object{"id": text("key_x"), "secret_wo": secret}, `There is no API key "key_x"`},
		"an empty sub-account":       {users.inProcess(), object{"id": text(user.ID), "secret_wo": secret, "subaccount": text("")}, "Invalid Attribute Value Length"},
		"a provider without address": {inProcessWith(t, object{"endpoint": unknownText}), object{"id": text(user.ID), "secret_wo": secret}, "not configured yet"},
	} {
		told, diags := tc.p.act(rotateAPIKey, tc.config)
		if !failed(diags) || !regexp.MustCompile("(?s)"+tc.want).MatchString(say(diags)) {
			t.Errorf("%s: told %q, %s", name, told, say(diags))
		}
	}
	for _, w := range []world{users, minted, kept} {
		if got := w.only(); got.SecretVersion != 1 {
			t.Errorf("key %s was rotated", got.ID)
		}
	}
	if told, diags := users.inProcess().invoke(rotateAPIKey, object{"id": text(user.ID)}); len(told) != 0 || !strings.Contains(say(diags), "be lost") {
		t.Errorf("told %q, %s", told, say(diags))
	}
}

// Terraform sends a plan the write-only secret, and need not know what is made in the same
// apply.
func TestRotateAction_APlanRefusesWhatItKnows(t *testing.T) {
	t.Parallel()
	w, minted := on(t, "dotdigital"), newWorld(t)
	user := w.makeKey(api.CreateAPIKey{Name: "test", Secret: api.NewSecret("first-one-1")})
	key := minted.makeKey(api.CreateAPIKey{Name: "test", Scopes: []string{"write"}})
	_, lesser := minted.server.NewKey(t, "apikeys:write")
	ends := minted.server.Now().Add(day).UTC().Truncate(time.Second)
	brief := minted.makeKey(api.CreateAPIKey{Name: "brief", Scopes: []string{"admin"}, ExpiresAt: &ends})
	good, formed := text("second-one-2"), text(key.Secret.Reveal()) // of the right form
	users, owner := w.inProcess(), minted.inProcess()
	for name, tc := range map[string]struct {
		p      inProcess
		config object
		want   string // empty for a plan that says nothing
	}{
		"all is known":                 {users, object{"id": text(user.ID), "secret_wo": good}, ""},
		"no id yet":                    {users, object{"id": unknownText, "secret_wo": good}, ""},
		"no sub-account yet":           {users, object{"id": text(user.ID), "subaccount": unknownText, "secret_wo": good}, ""},
		"no overlap yet":               {users, object{"id": text(user.ID), "overlap": unknownText, "secret_wo": good}, ""},
		"no secret yet":                {users, object{"id": text(user.ID), "secret_wo": unknownText}, ""},
		"no secret":                    {users, object{"id": text(user.ID)}, "ERROR: Missing secret"},
		"no secret, no id yet":         {users, object{"id": unknownText}, "ERROR: Missing secret"},
		"no secret, no sub-account":    {users, object{"id": text(user.ID), "subaccount": unknownText}, "ERROR: Missing secret"},
		"an empty secret":              {users, object{"id": text(user.ID), "secret_wo": text("")}, "ERROR: Missing secret"},
		"no secret, no address":        {inProcessWith(t, object{"endpoint": unknownText}), object{"id": text(user.ID)}, "ERROR: Missing secret"},
		"a secret of another form":     {owner, object{"id": unknownText, "secret_wo": good}, "breaks the platform's rules"},
		"a key that holds more":        {minted.inProcessAs(lesser), object{"id": text(key.ID), "secret_wo": formed}, `cannot rotate this API key.*"write"`},
		"a key that lives for longer":  {minted.inProcessAs(brief.Secret.Reveal()), object{"id": text(key.ID), "secret_wo": formed}, "outlive the provider's credential"},
		"a key that is not there":      {owner, object{"id": text("key_x"), "secret_wo": formed}, "No such API key"},
		"a sub-account that is not so": {owner, object{"id": text(key.ID), "subaccount": text("acne"), "secret_wo": formed}, "No such API key"},
	} {
		diags := tc.p.planned(rotateAPIKey, tc.config)
		if tc.want == "" && len(diags) != 0 || tc.want != "" && (!failed(diags) || !regexp.MustCompile("(?s)"+tc.want).MatchString(say(diags))) {
			t.Errorf("%s: %s", name, say(diags))
		}
	}
}

func TestRotateAction_WhatTheServiceRefusesIsSaid(t *testing.T) {
	t.Parallel()
	w := on(t, "dotdigital")
	user := w.makeKey(api.CreateAPIKey{Name: "test", Secret: api.NewSecret("first-one-1")})
	long := strings.Repeat("x", 200)
	_, diags := w.inProcess().act(rotateAPIKey, object{"id": text(user.ID), "secret_wo": text(long)})
	if !strings.Contains(say(diags), "at most 128 bytes") || strings.Contains(say(diags), long) {
		t.Errorf("%s", say(diags))
	}
	p := inProcessWith(t, object{"endpoint": text(w.server.URL), "api_key": text(w.server.Owner), "max_retries": tftypes.NewValue(tftypes.Number, 0)})
	w.server.Stop(t)
	if told, diags := p.invoke(rotateAPIKey, object{"id": text(user.ID), "secret_wo": text("second-one-2")}); len(told) != 0 || !failed(diags) || !strings.Contains(say(diags), "cannot be reached") {
		t.Errorf("told %q, %s", told, say(diags))
	}
}

func TestRevokeAction_EndsAKeyAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.makeSubaccount(api.CreateSubaccount{Handle: "acme", Name: "Acme"})
	own, theirs := w.makeKey(api.CreateAPIKey{Name: "test", Scopes: []string{"write"}}), w.makeKeyOf("acme", api.CreateAPIKey{Name: "app", Scopes: []string{"write"}})
	p := w.inProcess()
	for _, tc := range []struct {
		config object
		secret string
	}{
		{object{"id": text(own.ID)}, own.Secret.Reveal()},
		{object{"id": text(theirs.ID), "subaccount": text("acme")}, theirs.Secret.Reveal()},
	} {
		told, diags := p.act(revokeAPIKey, tc.config)
		if len(diags) != 0 || len(told) != 2 || !strings.Contains(told[1], "is revoked") {
			t.Errorf("told %q, %s", told, say(diags))
		}
		if got := w.verdict(tc.secret, "write"); got != api.VerifyInvalid {
			t.Errorf("the secret is %s", got)
		}
		// A second run is no error, but the plan says that there is nothing.
		told, diags = p.act(revokeAPIKey, tc.config)
		if failed(diags) || !strings.Contains(say(diags), "WARNING: No such API key") || len(told) != 2 || !strings.Contains(told[1], "gone already") {
			t.Errorf("told %q, %s", told, say(diags))
		}
	}
}

// In an incident a stray answer must not pass for a revoked key.
func TestRevokeAction_AStrayMissIsNoSuccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	made := w.makeKey(api.CreateAPIKey{Name: "test", Scopes: []string{"write"}})
	w.server.Fail(1, http.MethodDelete, "/v1/apikeys", http.StatusNotFound, 0)
	told, diags := w.inProcess().act(revokeAPIKey, object{"id": text(made.ID)})
	if !failed(diags) || !strings.Contains(say(diags), "Unable to revoke API key") || len(told) != 1 {
		t.Errorf("told %q, %s", told, say(diags))
	}
}

func TestRevokeAction_WhatIsRefusedIsSaid(t *testing.T) {
	t.Parallel()
	w, owned := newWorld(t), on(t, "mailchannels")
	made := w.makeKey(api.CreateAPIKey{Name: "test", Scopes: []string{"write"}})
	_, reader := w.server.NewKey(t, "apikeys:read")
	_, limited := owned.server.NewKey(t, "api")
	for name, tc := range map[string]struct {
		p    inProcess
		want string
	}{
		"a right that is missing":    {w.inProcessAs(reader), "Unable to revoke API key"},
		"only an owner may":          {owned.inProcessAs(limited), "Only an owner credential"},
		"a provider without address": {inProcessWith(t, object{"endpoint": unknownText}), "not configured yet"},
	} {
		if _, diags := tc.p.act(revokeAPIKey, object{"id": text(made.ID)}); !failed(diags) || !strings.Contains(say(diags), tc.want) {
			t.Errorf("%s: %s", name, say(diags))
		}
	}
	if got := w.verdict(made.Secret.Reveal(), "write"); got != api.VerifyValid {
		t.Errorf("the key is %s", got)
	}
	// What is not known at plan is no error of it.
	if diags := w.inProcess().planned(revokeAPIKey, object{"id": unknownText}); len(diags) != 0 {
		t.Errorf("%s", say(diags))
	}
}

// A resource that manages the key shows what an action did to it.
func TestActions_AResourceNoticesThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.pipeline(written())
	c.ok("apply", "-no-color", "-auto-approve")
	if _, diags := w.inProcess().act(revokeAPIKey, object{"id": text(w.only().ID)}); len(diags) != 0 {
		t.Errorf("%s", say(diags))
	}
	if _, out := c.plan("again.tfplan"); !strings.Contains(out, "1 to add, 0 to change, 0 to destroy") {
		t.Errorf("the plan says: %s", out)
	}
}
