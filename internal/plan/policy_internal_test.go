package plan

import "testing"

func TestGlob(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		pattern, text string
		want          bool
	}{
		{"mail.send", "mail.send", true}, {"mail.send", "mail.sendx", false}, {"mail.send", "xmail.send", false},
		{"*", "", true}, {"*", "any:thing.at_all", true}, {"mail.*", "mail.send", true}, {"mail.*", "mail", false},
		{"*.delete", "a.b.delete", true}, {"*.delete", "a.delete.b", false}, {"a*a", "a", false}, {"a*a", "aa", true},
		{"a*b*c", "axbxc", true}, {"a*b*c", "acb", false}, {"a*b*b", "ab", false}, {"**", "x", true},
		{"a?c", "abc", false}, {"[a]", "a", false}, {"Mail", "mail", false}, {"*ab", "aab", true},
	} {
		if got := glob(tt.pattern, tt.text); got != tt.want {
			t.Errorf("glob(%q, %q) = %v", tt.pattern, tt.text, got)
		}
	}
}
