package vendor

import (
	"fmt"
	"strings"
	"testing"
)

func TestNewRefusesWhatCannotWorkAndRepeatsNoSetting(t *testing.T) {
	t.Parallel()
	many := 21
	for name, change := range map[string]func(*Settings){
		"plain http to another machine": func(s *Settings) { s.Endpoint = "http://api.example.com" },
		"another scheme":                func(s *Settings) { s.Endpoint = "ftp://api.example.com" },
		"no host":                       func(s *Settings) { s.Endpoint = "https://" },
		"a password in the address":     func(s *Settings) { s.Endpoint = "https://user:hunter2@api.example.com" },
		"a query":                       func(s *Settings) { s.Endpoint = "https://api.example.com?key=hunter2" },
		"an unreadable address":         func(s *Settings) { s.Endpoint = "https://hunter2\x7f" },
		"no credential":                 func(s *Settings) { s.Credential = "" },
		"a line break in it":            func(s *Settings) { s.Credential = "hunter2\n" },
		"a credential without end":      func(s *Settings) { s.Credential = strings.Repeat("x", 600) },
		"too many retries":              func(s *Settings) { s.MaxRetries = &many },
		"a CA certificate that is none": func(s *Settings) { s.CACertificate = "hunter2" },
		"a negative timeout":            func(s *Settings) { s.Timeout = -1 },
	} {
		in := settings("https://api.example.com")
		change(&in)
		_, err := New(in)
		if err == nil {
			t.Errorf("%s is taken", name)
		} else if strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error repeats it: %v", name, err)
		}
	}
}

func TestAPrintOfACallerShowsNoCredential(t *testing.T) {
	t.Parallel()
	c, err := New(settings("https://api.example.com"))
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, c); strings.Contains(text, credential) {
			t.Errorf("%s shows %s", format, text)
		}
	}
	type bare Caller // without methods
	if text := fmt.Sprintf("%+v", (*bare)(c)); strings.Contains(text, credential) {
		t.Errorf("a dump shows %s", text)
	}
}

func TestCallersOfOneHostAndCredentialShareAPace(t *testing.T) {
	t.Parallel()
	one, err := New(settings("https://shared.example.com"))
	if err != nil {
		t.Fatal(err)
	}
	two, err := New(settings("https://shared.example.com/path"))
	if err != nil {
		t.Fatal(err)
	}
	other := settings("https://shared.example.com")
	other.Credential = "another"
	three, err := New(other)
	if err != nil {
		t.Fatal(err)
	}
	if one.pace != two.pace || one.pace == three.pace {
		t.Error("callers share a pace where they should not, or do not where they should")
	}
}
