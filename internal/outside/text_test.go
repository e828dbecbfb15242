package outside_test

import (
	"strings"
	"testing"
	"unicode"

	"github.com/postern-dev/terraform-provider-postern/internal/outside"
)

// What a hostile service would write to take a terminal or a reader in.
var tricks = map[string]string{
	"an escape sequence":      "\x1b[2J\x1b[31mApply complete!",
	"an escape of one byte":   "\u009b2J",
	"a title of the window":   "\x1b]0;owned\a",
	"a carriage return":       "denied\rallowed",
	"a backspace":             "no\b\byes",
	"new lines":               "a\n\nError: b",
	"the other direction":     "key_\u202egnp.exe",
	"an isolate":              "\u2066a\u2069",
	"a space without a width": "a\u200bb",
	"a line of Unicode":       "a\u2028b\u2029c",
	"a zero byte":             "a\x00b",
	"no UTF-8":                "a\xff\xfe\xc3",
}

func TestLine_ShowsNothingButItself(t *testing.T) {
	t.Parallel()
	for name, text := range tricks {
		got := outside.Line(text, outside.MostLine)
		for _, r := range got {
			if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
				t.Errorf("%s: %q", name, got)
			}
		}
		if lines := outside.Lines(text, outside.MostLine); strings.Count(lines, "\n") != strings.Count(text, "\n") || strings.ContainsAny(lines, "\x1b\r\a\b\u202e\u009b\u2028") {
			t.Errorf("%s: %q", name, lines)
		}
	}
	for text, want := range map[string]string{
		"": "", " a  b ": "a b", "Zoë's Schlüssel 🔑": "Zoë's Schlüssel 🔑", strings.Repeat("ä", 30): strings.Repeat("ä", 20) + "...", strings.Repeat("x", 1<<24): strings.Repeat("x", 20) + "...",
	} {
		if got := outside.Line(text, 20); got != want {
			t.Errorf("%.50q: %q", text, got)
		}
	}
}

func TestCheckID(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"key_3FvKq0bXy2Zr8Tn5LsWd", "qfTQ6KG0QBiwWdJ0-pCLCA", "12345", "a.b"} {
		if err := outside.CheckID(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	bad := []string{"", ".", "..", "a b", "a/b", "a?b", "a%2Fb", "é", "a\"b", "$(x)", strings.Repeat("a", 129)}
	for _, trick := range tricks {
		bad = append(bad, trick)
	}
	for _, id := range bad {
		if err := outside.CheckID(id); err == nil || strings.ContainsAny(err.Error(), "\x1b\n\r\u202e") {
			t.Errorf("%.50q: %v", id, err)
		}
	}
}

// Handles are a vendor's own: no stricter than what a terminal can show.
func TestCheckHandle(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"a", "o'neil+shop@example.com", "50% off", "Zoë", "家", "a.b", "-rf", "$(x)", `a"b`, "👩‍🔧"} {
		if err := outside.CheckHandle(good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", "a\nb", "\x1b[2J", "a\u202eb", "a\xffb", "a\u2028b", strings.Repeat("a", 257)} {
		if outside.CheckHandle(bad) == nil {
			t.Errorf("%.50q passes", bad)
		}
	}
}
