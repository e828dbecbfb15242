package provider_test

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// planChange is one entry of a plan's resource_changes.
type planChange map[string]any

// of is the change of a thing from one set of attributes to another; nil for no thing.
func of(kind, address string, before, after map[string]any, more ...planChange) planChange {
	actions := []string{"update"}
	switch {
	case before == nil:
		actions = []string{"create"}
	case after == nil:
		actions = []string{"delete"}
	}
	inner := map[string]any{"actions": actions, "before": before, "after": after, "after_unknown": map[string]any{}}
	c := planChange{"address": address, "mode": "managed", "type": kind, "change": inner}
	for _, m := range more {
		for name, value := range m {
			switch name {
			case "actions", "after_unknown", "importing":
				inner[name] = value
			default:
				c[name] = value
			}
		}
	}
	return c
}

func grants(scopes ...string) map[string]any { return map[string]any{"effective_scopes": scopes} }

// filter runs one of the filters of examples/pipelines on a plan: with the jq of a Go
// module, and with the one on the PATH where there is one, which must agree.
func filter(t *testing.T, name string, plan any) (code int, out string) {
	t.Helper()
	input, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	box, err := toolbox()
	if err != nil {
		t.Fatal(err)
	}
	run := func(program string) (int, string) {
		cmd := exec.CommandContext(t.Context(), program, "-e", "-r", "-f", filepath.Join("..", "examples", "pipelines", name))
		cmd.Stdin = bytes.NewReader(input)
		var printed bytes.Buffer
		cmd.Stdout, cmd.Stderr = &printed, &printed
		if err := cmd.Run(); cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return cmd.ProcessState.ExitCode(), printed.String()
	}
	code, out = run(filepath.Join(box, "jq"))
	if installed, err := exec.LookPath("jq"); err == nil {
		if again, other := run(installed); again != code || other != out {
			t.Errorf("jq exits with %d and prints %q, the Go module with %d and %q", again, other, code, out)
		}
	}
	return code, out
}

func planOf(changes ...planChange) map[string]any {
	return map[string]any{"format_version": "1.2", "resource_changes": changes}
}

// readable fails the test when a terminal would obey or a person could not read the text.
func readable(t *testing.T, out string) {
	t.Helper()
	for line := range strings.SplitSeq(strings.TrimSuffix(out, "\n"), "\n") {
		if len(line) > 5000 {
			t.Errorf("a line has %d bytes", len(line))
		}
		for _, r := range line {
			if !unicode.IsPrint(r) {
				t.Errorf("%U in %.200q", r, line)
			}
		}
	}
}

func many(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = strings.Repeat("s", 100) + string(rune('a'+i%26))
	}
	return all
}

func TestPipelines_WhatTheWideningFilterSees(t *testing.T) {
	t.Parallel()
	const key, sub = "postern_apikey", "postern_subaccount_apikey"
	unknown := planChange{"after_unknown": map[string]any{"effective_scopes": true}}
	for name, tc := range map[string]struct {
		plan any
		code int
		want string
	}{
		"nothing":                      {planOf(), 0, "no key gains anything"},
		"no plan":                      {map[string]any{}, 1, "no whole plan"},
		"a broken plan":                {map[string]any{"format_version": "1.2", "errored": true}, 1, "no whole plan"},
		"a narrower key":               {planOf(of(key, "k", grants("a", "b"), grants("a"))), 0, "no key gains anything"},
		"a wider key":                  {planOf(of(key, "k", grants("a"), grants("a", "b"))), 1, "k gains b"},
		"a wider key of a sub-account": {planOf(of(sub, "k", grants("a"), grants("a", "b"))), 1, "k gains b"},
		"a key of unknown scopes":      {planOf(of(key, "k", grants("a"), grants(), unknown)), 1, "k gains what is known after apply only"},
		"a replaced key":               {planOf(of(key, "k", grants("a"), grants("b"), planChange{"actions": []string{"delete", "create"}})), 1, "k gains b"},
		"a new key":                    {planOf(of(key, "k", nil, grants("a", "b"))), 0, "k is new and grants a, b"},
		"a new key of unknown scopes":  {planOf(of(key, "k", nil, grants(), unknown)), 1, "k gains what is known after apply only"},
		"a renamed key":                {planOf(of(key, "old", grants("a"), nil), of(key, "new", nil, grants("a"))), 0, "new is new and grants a"},
		"a renamed and wider key":      {planOf(of(key, "old", grants("a"), nil), of(key, "new", nil, grants("a", "b"))), 1, "new gains b"},
		"a forgotten and wider key":    {planOf(of(key, "old", grants("a"), nil, planChange{"actions": []string{"forget"}}), of(key, "new", nil, grants("b"))), 1, "new gains b"},
		"an imported and wider key":    {planOf(of(key, "k", grants("a"), grants("b"), planChange{"importing": map[string]any{"id": "x"}})), 1, "k gains b"},
		"a wider scope":                {planOf(of("postern_scope", "s", grants("s"), grants("s", "b"))), 1, "s gains b"},
		"a scope of unknown ones":      {planOf(of("postern_scope", "s", grants("s"), grants(), unknown)), 1, "s gains what"},
		"a new scope":                  {planOf(of("postern_scope", "s", nil, grants("s", "b"))), 0, "no key gains anything"},
		"something else":               {planOf(of("terraform_data", "d", grants("a"), grants("b"))), 0, "no key gains anything"},
		"many scopes":                  {planOf(of(key, "k", grants(), map[string]any{"effective_scopes": many(500)})), 1, "and 480 more"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out := filter(t, "deny-widening.jq", tc.plan)
			if code != tc.code || !strings.Contains(out, tc.want) {
				t.Errorf("exit %d, want %d and %q: %s", code, tc.code, tc.want, out)
			}
			readable(t, out)
		})
	}
}

func TestPipelines_WhatTheRotationFilterSees(t *testing.T) {
	t.Parallel()
	const key = "postern_apikey"
	before := map[string]any{"id": "key_1", "secret_version": 1, "name": "n", "previous_id": nil}
	with := func(changed map[string]any) map[string]any {
		after := map[string]any{}
		for name, value := range before {
			after[name] = value
		}
		for name, value := range changed {
			after[name] = value
		}
		return after
	}
	rotated := with(map[string]any{"secret_version": 2})
	still := planChange{"actions": []string{"no-op"}}
	importing := planChange{"importing": map[string]any{"id": "x"}}
	for name, tc := range map[string]struct {
		plan any
		code int
		want string
	}{
		"nothing":                   {planOf(), 0, "only rotations"},
		"no plan":                   {map[string]any{}, 1, "no whole plan"},
		"a broken plan":             {map[string]any{"format_version": "1.2", "errored": true}, 1, "no whole plan"},
		"a rotation":                {planOf(of(key, "k", before, rotated)), 0, "only rotations"},
		"a new key in its place":    {planOf(of(key, "k", before, with(map[string]any{"id": nil, "previous_id": "key_1"}))), 0, "only rotations"},
		"the end of an overlap":     {planOf(of(key, "k", with(map[string]any{"previous_id": "key_0"}), before)), 0, "only rotations"},
		"a foreign replaced key":    {planOf(of(key, "k", before, with(map[string]any{"previous_id": "key_9"}))), 1, "k: update"},
		"another name":              {planOf(of(key, "k", before, with(map[string]any{"name": "m"}))), 1, "k: update"},
		"an import alone":           {planOf(of(key, "k", before, before, still, importing)), 1, "k: no-op, import"},
		"an import and a rotation":  {planOf(of(key, "k", before, rotated, importing)), 1, "k: update, import"},
		"a move alone":              {planOf(of(key, "k", before, before, still, planChange{"previous_address": "j"})), 1, "moved from j"},
		"a move and a rotation":     {planOf(of(key, "k", before, rotated, planChange{"previous_address": "j"})), 1, "moved from j"},
		"a key that is forgotten":   {planOf(of(key, "k", before, nil, planChange{"actions": []string{"forget"}})), 1, "k: forget"},
		"a key that is deleted":     {planOf(of(key, "k", before, nil)), 1, "k: delete"},
		"a deposed object":          {planOf(of(key, "k", before, nil, planChange{"deposed": "abcd"})), 1, "k: delete"},
		"a replacement":             {planOf(of(key, "k", before, rotated, planChange{"actions": []string{"delete", "create"}})), 1, "k: delete, create"},
		"a new key":                 {planOf(of(key, "k", nil, before)), 1, "k: create"},
		"a scope":                   {planOf(of("postern_scope", "s", before, rotated)), 1, "s: update"},
		"another thing":             {planOf(of("terraform_data", "d", before, rotated)), 1, "d: update"},
		"an action beside rotation": {map[string]any{"format_version": "1.2", "resource_changes": []planChange{of(key, "k", before, rotated)}, "action_invocations": []any{map[string]any{"address": "action.postern_revoke_apikey.x"}}}, 1, "action.postern_revoke_apikey.x: an action"},
		"what is put off":           {map[string]any{"format_version": "1.2", "deferred_changes": []any{map[string]any{"resource_change": map[string]any{"address": "k"}}}}, 1, "k: an action, or what is put off"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, out := filter(t, "only-rotations.jq", tc.plan)
			if code != tc.code || !strings.Contains(out, tc.want) {
				t.Errorf("exit %d, want %d and %q: %s", code, tc.code, tc.want, out)
			}
			readable(t, out)
		})
	}
}

// Names are anybody's: none of them changes what a filter decides, or reaches a terminal.
func TestPipelines_HostileNamesAreNamesOnly(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		`'`, `"`, `\`, "\n", "\r", "a\nonly rotations", "$(touch /tmp/x)", "`id`", "-rf", "--arg", "\\(env)", "家🔑é", "\x1b[2J", "\u009b2J", "a\u202eb", "\u2028", "\x00", "%s%n", strings.Repeat("x", 10_000),
	} {
		address := `postern_apikey.k["` + name + `"]`
		for file, plan := range map[string]any{
			"deny-widening.jq":  planOf(of("postern_apikey", address, grants("a"), grants("a", name))),
			"only-rotations.jq": planOf(of("postern_apikey", address, grants("a"), nil), of("postern_apikey", name, grants("a"), grants("a"), planChange{"actions": []string{"no-op"}, "previous_address": name})),
		} {
			code, out := filter(t, file, plan)
			if code != 1 || !strings.Contains(out, "postern_apikey.k[") {
				t.Errorf("%s, %.50q: exit %d: %.500s", file, name, code, out)
			}
			readable(t, out)
			if n := strings.Count(out, "\n"); n > 3 {
				t.Errorf("%s, %.50q: %d lines: %.500s", file, name, n, out)
			}
		}
	}
}
