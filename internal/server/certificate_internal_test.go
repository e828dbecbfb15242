package server

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"math/big"
	"strings"
	"testing"
	"time"
)

func pairFrom(serial int64, begin, end time.Time) *tls.Certificate {
	return &tls.Certificate{Certificate: [][]byte{{byte(serial)}}, Leaf: &x509.Certificate{SerialNumber: big.NewInt(serial), NotBefore: begin, NotAfter: end}}
}

// A certificate is warned of near its end, once a day, and in other words after it.
func TestCertificates_WarnNearTheEnd(t *testing.T) {
	t.Parallel()
	begin := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		life, age time.Duration
		want      string
	}{
		"a year, in its middle":          {365 * 24 * time.Hour, 180 * 24 * time.Hour, ""},
		"a year, two weeks left":         {365 * 24 * time.Hour, 352 * 24 * time.Hour, "near its end"},
		"a day, which is renewed often":  {24 * time.Hour, 12 * time.Hour, ""},
		"a day, a sixth of it left":      {24 * time.Hour, 20 * time.Hour, "near its end"},
		"a year and a day":               {365 * 24 * time.Hour, 366 * 24 * time.Hour, "has ended"},
		"the last second, still is good": {24 * time.Hour, 24*time.Hour - time.Second, "near its end"},
	} {
		var log bytes.Buffer
		now := begin.Add(tc.age)
		s := &certificates{log: slog.New(slog.NewTextHandler(&log, nil)), now: func() time.Time { return now }}
		s.use(pairFrom(1, begin, begin.Add(tc.life)), "certificate loaded")
		s.remind()
		if got := strings.Contains(log.String(), "level=WARN"); got != (tc.want != "") || !strings.Contains(log.String(), tc.want) || strings.Count(log.String(), "level=WARN") > 1 {
			t.Errorf("%s: %s", name, log.String())
		}
		if now = now.Add(25 * time.Hour); tc.want != "" {
			s.remind()
			if strings.Count(log.String(), "level=WARN") != 2 {
				t.Errorf("%s: not told again after a day: %s", name, log.String())
			}
		}
	}
}

func TestCertificates_AGoodOneIsNotReplacedByOneThatNobodyAccepts(t *testing.T) {
	t.Parallel()
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	good, ended, later := pairFrom(1, now.Add(-day), now.Add(day)), pairFrom(2, now.Add(-2*day), now.Add(-day)), pairFrom(3, now.Add(day), now.Add(2*day))
	s := &certificates{now: func() time.Time { return now }}
	for name, tc := range map[string]struct {
		old, next *tls.Certificate
		want      string
	}{
		"ended":                     {good, ended, "has ended at 2029-12-31"},
		"not yet":                   {good, later, "begins only at 2030-01-02"},
		"good":                      {good, good, ""},
		"ended, but so has the old": {ended, ended, ""},
	} {
		s.current.Store(tc.old)
		err := s.worse(tc.next)
		if (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
