package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// manifest is what the test looks at of the StatefulSet.
type manifest struct {
	Kind string `yaml:"kind"`
	Spec struct {
		Replicas int `yaml:"replicas"`
		Template struct {
			Spec struct {
				Grace    int            `yaml:"terminationGracePeriodSeconds"`
				Security map[string]any `yaml:"securityContext"`
				Volumes  []struct {
					Secret struct {
						Mode os.FileMode `yaml:"defaultMode"`
					} `yaml:"secret"`
				} `yaml:"volumes"`
				Containers []struct {
					Args []string                       `yaml:"args"`
					Env  []struct{ Name, Value string } `yaml:"env"`
					Live struct {
						HTTPGet struct{ Path string } `yaml:"httpGet"`
					} `yaml:"livenessProbe"`
				} `yaml:"containers"`
			} `yaml:"spec"`
		} `yaml:"template"`
	} `yaml:"spec"`
}

// The manifest of the guide sets variables that serve has, to values that it takes, and
// leaves a stop the time that it may need.
func TestKubernetes_TheManifestFitsTheProgram(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../examples/kubernetes/postern.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var set manifest
	for documents := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var one manifest
		if err := documents.Decode(&one); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if one.Kind == "StatefulSet" {
			set = one
		}
	}
	pod := set.Spec.Template.Spec
	if set.Spec.Replicas != 1 || len(pod.Containers) != 1 || pod.Security["fsGroup"] == nil || pod.Security["runAsUser"] == nil || len(pod.Volumes) != 2 {
		t.Fatalf("got %+v", set)
	}
	for _, v := range pod.Volumes {
		if v.Secret.Mode != 0o440 {
			t.Errorf("a secret is mounted with the mode %04o", v.Secret.Mode)
		}
	}
	var commands cli
	parser, err := kong.New(&commands, kong.Vars{"version": "", "platforms": "", "rights": "", "listen": "", "drain": "1s"}, kong.DefaultEnvars("POSTERN"))
	if err != nil {
		t.Fatal(err)
	}
	known := settings(parser.Model.Node)
	args := pod.Containers[0].Args
	for _, e := range pod.Containers[0].Env {
		flag := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(e.Name, "POSTERN_")), "_", "-")
		if !known[flag] {
			t.Errorf("%s is no setting", e.Name)
		}
		args = append(args, "--"+flag+"="+e.Value)
	}
	if _, err := parser.Parse(args); err != nil {
		t.Fatal(err)
	}
	s := commands.Serve
	if grace := time.Duration(pod.Grace) * time.Second; s.ShutdownDelay == 0 || s.ShutdownDelay+s.Drain >= grace {
		t.Errorf("a stop may take %s and is given %s", s.ShutdownDelay+s.Drain, grace)
	}
	if !strings.HasPrefix(s.DataDir, "/var/lib/postern/") || s.TLSCert == "" || s.CredentialFile == "" {
		t.Errorf("got %+v", s)
	}
}
