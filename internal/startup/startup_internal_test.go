package startup

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

type environment map[string]string

func (e environment) get(name string) string { return e[name] }

func TestLogLevels_AreWhatTerraformShows(t *testing.T) {
	t.Parallel()
	all := func(level string) map[string]string {
		return map[string]string{"TF_LOG_SDK": level, "TF_LOG_SDK_PROTO": level, "TF_LOG_SDK_FRAMEWORK": level, "TF_LOG_PROVIDER_POSTERN": level}
	}
	without := func(level string, names ...string) map[string]string {
		left := all(level)
		for _, name := range names {
			delete(left, name)
		}
		return left
	}
	for name, test := range map[string]struct {
		environment
		want map[string]string
	}{
		"nothing is asked for":     {environment{}, all("OFF")},
		"only where logs go":       {environment{"TF_LOG_PATH": "here"}, all("OFF")},
		"of Terraform's core only": {environment{"TF_LOG_CORE": "TRACE"}, all("OFF")},
		"off":                      {environment{"TF_LOG": "off"}, all("OFF")},
		"all":                      {environment{"TF_LOG": "debug"}, all("DEBUG")},
		"as JSON":                  {environment{"TF_LOG": "json"}, all("TRACE")},
		"no level":                 {environment{"TF_LOG": "1"}, all("TRACE")},
		"of providers":             {environment{"TF_LOG_PROVIDER": "WARN"}, all("WARN")},
		"of providers before all":  {environment{"TF_LOG_PROVIDER": "ERROR", "TF_LOG": "TRACE"}, all("ERROR")},
		"of this provider": {environment{"TF_LOG": "ERROR", "TF_LOG_PROVIDER_POSTERN": "TRACE"},
			without("ERROR", "TF_LOG_PROVIDER_POSTERN")},
		"of the libraries": {environment{"TF_LOG_SDK": "TRACE"},
			without("OFF", "TF_LOG_SDK", "TF_LOG_SDK_PROTO", "TF_LOG_SDK_FRAMEWORK")},
		"of the protocol":  {environment{"TF_LOG_SDK_PROTO": "TRACE"}, without("OFF", "TF_LOG_SDK_PROTO")},
		"of the framework": {environment{"TF_LOG": "INFO", "TF_LOG_SDK_FRAMEWORK": "DEBUG"}, without("INFO", "TF_LOG_SDK_FRAMEWORK")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, logLevels(test.get)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestCollector_LeavesWhatIsSet(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		environment
		percent, limit bool
	}{
		"nothing": {environment{}, true, true},
		"GOGC":    {environment{"GOGC": "off"}, false, false},
		"limit":   {environment{"GOMEMLIMIT": "64MiB"}, true, false},
		"both":    {environment{"GOGC": "100", "GOMEMLIMIT": "64MiB"}, false, false},
	} {
		if percent, limit := collector(test.get); percent != test.percent || limit != test.limit {
			t.Errorf("%s: sets the percentage: %t, the limit: %t", name, percent, limit)
		}
	}
}
