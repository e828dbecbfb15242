package lies

import "net/http"

// Table is a lie of each kind, by its name, for tests that go through all of them. Each may
// be told about any answer of any service; one that does not fit changes nothing.
func Table() map[string]Rewrite {
	return map[string]Rewrite{
		"the answer is lost":         Lost,
		"a page of a proxy":          Page,
		"an error without words":     Body(http.StatusInternalServerError, ""),
		"an error of escapes":        Body(http.StatusBadRequest, `{"code":"`+escaped+`","detail":"`+escaped+`","message":"`+escaped+`","errors":[{"field":"`+escaped+`","message":"`+escaped+`"}]}`),
		"a forged 404":               Body(http.StatusNotFound, `{"code":"not_found","detail":"gone","errors":[{"message":"unable to find API Key"}]}`),
		"a 200 that says nothing":    Body(http.StatusOK, ""),
		"null":                       Body(http.StatusOK, "null"),
		"an empty object":            Body(http.StatusOK, "{}"),
		"an empty list":              Body(http.StatusOK, `{"items":[],"result":[],"scopes":[]}`),
		"a list of nothing":          Body(http.StatusOK, `{"items":[null,{}],"result":[null,{}]}`),
		"cut off":                    Body(http.StatusOK, `{"id":"`),
		"empty items in gzip":        Bomb(`{"items":[`),
		"empty results in gzip":      Bomb(`{"result":[`),
		"a bare list in gzip":        Bomb(`[`),
		"cursors without an end":     Endless(),
		"items twice":                Then(Inflate("items", 2), Inflate("result", 2)),
		"items 2,000 times":          Then(Inflate("items", 2_000), Inflate("result", 2_000)),
		"another id":                 Then(Set("id", "key_ofSomebodyElse000000"), Set("api_key_id", "ofSomebodyElse00000000")),
		"an id of escapes":           Then(Stain("id"), Stain("api_key_id")),
		"an id that is a path":       Then(Set("id", "../account"), Set("api_key_id", "../scopes")),
		"names of escapes":           Then(Stain("name"), Stain("description"), Stain("company_name"), Stain("username"), Stain("handle")),
		"scopes of escapes":          Then(Set("scopes", []any{"mail.send" + Escape}), Set("effective_scopes", []any{"read" + Escape})),
		"rules of escapes":           Then(Stain("platform"), Stain("pattern"), Stain("handle"), Stain("max_overlap"), Stain("status"), Stain("class"), Stain("secret_hint")),
		"scopes that imply each one": Set("implies", []any{"read", "write"}),
	}
}

const escaped = `\u001b[2J\u009b31m\u202e\r\nApply complete!\n`
