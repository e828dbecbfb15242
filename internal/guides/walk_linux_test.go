package guides_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // for a look past the program

	"github.com/postern-dev/terraform-provider-postern/internal/servertest"
)

// walk is what it takes to do what a page says. Its maps are by a text that one command, or
// one block of output, of the page holds.
type walk struct {
	source bool   // it begins in the folder with the sources
	server string // the platform of the server that the page needs first; empty for none

	before map[string]func(*session) // what the page says in words, and the reader does before this
	exits  map[string]int            // ends with another code than 0
	denied map[string]bool           // the service refuses it, and that is the point
	needs  map[string]string         // the program without which it is left out
	skip   map[string]string         // is not run, or no output, and why
	other  map[string]string         // stands for something else on this machine, such as a path of root's
}

// walks are the pages with commands.
func walks() map[string]walk {
	return map[string]walk{
		"README.md": {
			source: true,
			before: map[string]func(*session){
				"$ terraform plan\n":                         release("2"),
				"audit verify    # after someone has edited": func(s *session) { s.tamper("postern-data") },
			},
			exits:  map[string]int{"audit verify    # after someone has edited": 1},
			denied: map[string]bool{"scope=admin": true},
			needs:  map[string]string{"sqlite3 ": "sqlite3"},
			skip: map[string]string{
				"make test   # all": "make test runs this test, and make ci make run",
				" 6  plan ":         "is printed by make run, whose own tests are in internal/walkthrough",
			},
		},
		"docs/guides/get-started.md": {
			before: map[string]func(*session){"terraform apply            # shows": release("2")},
			denied: map[string]bool{"scope=admin": true},
		},
		"docs/guides/gateways.md": {
			server: "postern",
			skip:   map[string]string{":8080 {": "is Caddy's configuration, which internal/gateways runs"},
		},
		"docs/guides/importing-what-exists.md": {
			server: "postern",
			before: map[string]func(*session){"terraform init": (*session).hasAKeyToImport},
		},
		"docs/guides/least-privilege.md": {
			before: map[string]func(*session){"terraform init": func(s *session) {
				s.enter("read -rs POSTERN_API_KEY && export POSTERN_API_KEY POSTERN_ENDPOINT=http://127.0.0.1:" + s.port + "\n")
				s.copies("least-privilege", "main.tf", "checks.tf", "usage.tf")
				s.copies("pipelines", "deny-widening.jq")
			}},
			needs: map[string]string{"jq ": "jq"},
		},
		"docs/guides/pipelines.md": {
			server: "postern",
			before: map[string]func(*session){"./plan.sh": func(s *session) {
				s.copies("rotation", "main.tf")
				s.copies("pipelines", "plan.sh", "deny-widening.jq")
				s.enter("terraform init\n")
			}},
			exits: map[string]int{"./plan.sh": 2}, // there is a plan to look at
			needs: map[string]string{"./plan.sh": "jq", "terraform apply": "jq"},
			skip: map[string]string{
				"# Fails (exit 1) when a plan": "is a file of examples/pipelines, whose tests are in provider",
				"17 5 * * *":                   "is a line of a crontab, with a mail",
			},
		},
		"docs/guides/platform-files.md": {
			before: map[string]func(*session){"platform check acme.hcl": func(s *session) { s.edit("acme.hcl", `platform "postern"`, `platform "acme"`) }},
			skip:   map[string]string{"acme.hcl:52": "is about a mistake that nobody made here"},
		},
		"docs/guides/platforms.md": {
			server: "postern",
			before: map[string]func(*session){
				`"preset":"mail"`: func(s *session) { s.against("sendgrid") },
				`"orders:refund"`: func(s *session) { s.against("postern") },
				`"Order import"`:  func(s *session) { s.against("dotdigital") },
			},
			needs: map[string]string{"jq ": "jq"},
		},
		"docs/guides/running-the-server.md": {
			before: map[string]func(*session){"--unix-socket": func(s *session) { s.serve("bin/postern serve --listen unix:./postern.sock") }},
			other:  map[string]string{"/run/postern/": "./"}, // which is root's
		},
		"docs/guides/trying-modules.md": {
			before: map[string]func(*session){
				"postern init --platform": func(s *session) {
					s.stop()
					s.enter("rm -r try-sendgrid\n")
				},
				"$ terraform init": func(s *session) {
					s.answering()
					s.copies("terraform-test", "main.tf", "tests/customer.tftest.hcl")
				},
			},
		},
	}
}

func release(number string) func(*session) {
	return func(s *session) { s.edit("main.tf", `release = "1"`, fmt.Sprintf("release = %q", number)) }
}

// copies puts files of examples into the session's folder.
func (s *session) copies(folder string, names ...string) {
	s.t.Helper()
	for _, name := range names {
		file := filepath.Join("..", "..", "examples", folder, name)
		text, err := os.ReadFile(file)
		if err != nil {
			s.t.Fatal(err)
		}
		s.put(name, s.here(string(text)))
		if strings.HasSuffix(name, ".sh") {
			if err := os.Chmod(filepath.Join(s.root, name), 0o700); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

// here is a text with the address of the session in place of the one that pages have.
func (s *session) here(text string) string {
	return strings.ReplaceAll(text, "127.0.0.1:8411", "127.0.0.1:"+s.port)
}

// against starts a server with an account on a platform, and turns to it.
func (s *session) against(platform string) {
	s.t.Helper()
	server := servertest.Start(s.t, servertest.Platform(platform))
	_, gateway := server.NewOwner(s.t, server.AccountID(), "verify")
	s.enter(fmt.Sprintf("export POSTERN_ENDPOINT=%s POSTERN_API_KEY=%s POSTERN_DATA_DIR=%s GATEWAY=%s\n", server.URL, server.Owner, server.Dir, gateway))
	s.server = server
}

// hasAKeyToImport makes a key, and the import block that the page shows for it.
func (s *session) hasAKeyToImport() {
	s.t.Helper()
	id, _ := s.server.NewKey(s.t, "read", "verify")
	s.copies("resources/postern_apikey", "import-by-string-id.tf")
	s.edit("import-by-string-id.tf", "key_3FvKq0bXy2Zr8Tn5LsWd", id)
	s.put("main.tf", "terraform {\n  required_providers {\n    postern = {\n      source = \"postern-dev/postern\"\n    }\n  }\n}\n\nprovider \"postern\" {}\n")
}

// tamper edits the audit trail of a server past the program.
func (s *session) tamper(folder string) {
	s.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(s.root, folder, "postern.db"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(s.t.Context(), `UPDATE audit_events SET target = 'x' WHERE seq = 2`); err != nil {
		s.t.Fatal(err)
	}
}
