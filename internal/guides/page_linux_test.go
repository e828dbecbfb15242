package guides_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is what stands between two fences of a page.
type block struct {
	lang string
	line int // of the opening fence
	text string
}

// script reports whether the block is a whole file of commands, to be copied and not typed.
func (b block) script() bool { return strings.HasPrefix(b.text, "#!") }

// typed reports whether a reader types the block, or a part of it.
func (b block) typed() bool { return (b.lang == "shell" || b.lang == "console") && !b.script() }

// steps are the commands of the block in order, each with the output that the page shows.
func (b block) steps() []step {
	if b.lang != "console" {
		return []step{{command: b.text}}
	}
	var found []step
	for line := range strings.Lines(b.text) {
		if command, ok := strings.CutPrefix(line, "$ "); ok {
			found = append(found, step{command: command})
		} else {
			last := &found[len(found)-1]
			last.output = append(last.output, strings.TrimRight(line, "\n"))
		}
	}
	return found
}

type step struct {
	command string
	output  []string
}

var fence = regexp.MustCompile("^```(\\S*)$")

// blocks are those of a page, and other is the text around them.
func blocks(t *testing.T, file string) (found []block, other string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(file)))
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for i, line := range strings.Split(string(text), "\n") {
		opening := fence.FindStringSubmatch(line)
		switch {
		case opening != nil && !inside:
			found = append(found, block{lang: opening[1], line: i + 1})
			inside = true
		case opening != nil:
			inside = false
		case inside:
			found[len(found)-1].text += line + "\n"
		default:
			other += line + "\n"
		}
	}
	if inside {
		t.Fatalf("%s: a block has no end", file)
	}
	return found, other
}

// pages are README.md and the guides.
func pages(t *testing.T) []string {
	t.Helper()
	guides, err := filepath.Glob(filepath.Join("..", "..", "docs", "guides", "*.md"))
	if err != nil || len(guides) < 10 {
		t.Fatalf("%d guides: %v", len(guides), err)
	}
	found := []string{"README.md"}
	for _, guide := range guides {
		found = append(found, "docs/guides/"+filepath.Base(guide))
	}
	return found
}

// A command outside of the blocks that are run would escape the test.
func TestPages_EveryCommandIsInABlockThatIsRun(t *testing.T) {
	t.Parallel()
	indented := regexp.MustCompile(`(?m)^\n(?:    |\t)\S.*$`)
	for _, file := range pages(t) {
		found, other := blocks(t, file)
		if code := indented.FindString(other); code != "" {
			t.Errorf("%s has an indented block, write it between fences with a language:%s", file, code)
		}
		commands := false
		for _, b := range found {
			switch b.lang {
			case "shell", "console":
				commands = commands || !b.script()
			case "":
				t.Errorf("%s:%d: a block without a language", file, b.line)
			case "bash", "sh", "zsh":
				t.Errorf("%s:%d: write commands as shell, or as console with their output", file, b.line)
			}
		}
		if _, known := walks()[file]; commands != known {
			t.Errorf("%s has commands: %t; walks() has it: %t", file, commands, known)
		}
	}
}

// Who begins with a page must see at once what it takes for granted.
func TestPages_EachSaysWhatItNeedsFirst(t *testing.T) {
	t.Parallel()
	for _, file := range pages(t) {
		text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		before, _, has := strings.Cut(string(text), "```")
		if has && !strings.Contains(before, "\nNeeded: ") {
			t.Errorf("%s says in no line that begins with \"Needed: \", before its first block, what it needs", file)
		}
	}
}

// A script of a page is a file of examples, which other tests run.
func TestPages_EachScriptIsAnExample(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("..", "..", "examples", "*", "*.sh"))
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		known[strings.TrimSpace(string(text))] = true
	}
	scripts := 0
	for _, file := range pages(t) {
		found, _ := blocks(t, file)
		for _, b := range found {
			if b.script() {
				if scripts++; !known[strings.TrimSpace(b.text)] {
					t.Errorf("%s:%d is no file of examples/", file, b.line)
				}
			}
		}
	}
	if scripts == 0 {
		t.Error("no script was found")
	}
}

// On one account two guides must not make keys of one name, as the second then fails.
func TestPages_NoTwoMakeAKeyOfOneName(t *testing.T) {
	t.Parallel()
	named := regexp.MustCompile(`(?m)^resource "postern_apikey" "\w+" \{\n(?:  .*\n|\n)*?  name +=\s"([^"]+)"`)
	first := map[string]string{}
	for _, file := range pages(t) {
		found, _ := blocks(t, file)
		for _, b := range found {
			onVendor := strings.Contains(b.text, `platform = "`) || strings.Contains(b.text, `("sendgrid"`)
			for _, name := range named.FindAllStringSubmatch(b.text, -1) {
				other := first[name[1]]
				switch {
				case onVendor: // names are not unique there
				case other == "":
					first[name[1]] = b.text
				case other != b.text: // the README shows the example of a guide
					t.Errorf("%s:%d: another example makes the key %s, too", file, b.line, name[1])
				}
			}
		}
	}
	if len(first) < 4 {
		t.Errorf("only %d names were found", len(first))
	}
}
