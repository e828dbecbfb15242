package guides_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	// fleeting is what is another one in each run: ids and secrets, times, digests, the port of
	// an address, the program's version.
	fleeting = regexp.MustCompile(`(?:acct|key|own|sub)_\w+|ptn_\w+|\d{4}-\d\d-\d\d(?:T[\d:.]+Z)?|\b\d*:?[0-9a-f]{32,}\b|Postern [0-9a-f]{7}\b|\.\.\.`)
	colours  = regexp.MustCompile("\x1b\\[[0-9;]*m")
)

// looksLike is a pattern for a line that a page shows, as it may come in another run.
func looksLike(line string) *regexp.Regexp {
	var out strings.Builder
	out.WriteString(`^\s*`)
	rest := strings.Join(strings.Fields(line), " ")
	for rest != "" {
		at := fleeting.FindStringIndex(rest)
		if at == nil {
			at = []int{len(rest), len(rest)}
		}
		out.WriteString(strings.ReplaceAll(regexp.QuoteMeta(rest[:at[0]]), " ", `\s+`))
		if at[1] > at[0] {
			out.WriteString(`.+`)
		}
		rest = rest[at[1]:]
	}
	return regexp.MustCompile(out.String())
}

// missing is the first line of what a page shows that did not come, in its order; a page
// may leave lines out.
func missing(shown []string, printed string) string {
	lines := strings.Split(colours.ReplaceAllString(strings.ReplaceAll(printed, "\r", ""), ""), "\n")
	for _, line := range shown {
		if strings.TrimSpace(line) == "" {
			continue
		}
		at := slices.IndexFunc(lines, looksLike(line).MatchString)
		if at < 0 {
			return line
		}
		lines = lines[at+1:]
	}
	return ""
}

func TestShown_IsComparedLooselyAndInOrder(t *testing.T) {
	t.Parallel()
	const printed = "\x1b[32m  + scopes = [\x1b[0m\r\n  + \"read\",\n ]\nid = \"key_OHa4uQHPIi4nWzhyjeDQ\" of 2026-11-22T04:00:36.498Z\n"
	for shown, want := range map[string]string{
		"+ scopes   = [\n    + \"read\",":                            "",
		"id = \"key_0000000000\" of 2027-01-01T00:00:00Z":            "",
		"id = \"key_...\" of 2027-01-01T00:00:00Z":                   "",
		"id = \"acct_x\" of 2027-01-01T00:00:00Z\n+ scopes = [":      "+ scopes = [", // another order
		"+ scopes = [\n  + \"write\",":                               "  + \"write\",",
		"identity = \"key_0000000000\" of 2027-01-01T00:00:00Z":      "identity = \"key_0000000000\" of 2027-01-01T00:00:00Z",
		"+ \"read\",\n+ \"read\",":                                   "+ \"read\",",
		"id = \"key_0000000000\" of today":                           "id = \"key_0000000000\" of today",
		"+ scopes = [\n\n]\nid = \"key_...\" of 2026-11-22T00:00:0Z": "",
	} {
		if got := missing(strings.Split(shown, "\n"), printed); got != want {
			t.Errorf("%q: %q is missing, want %q", shown, got, want)
		}
	}
}
