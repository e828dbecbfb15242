package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync/atomic"
	"time"
)

// certificateEvery is how often the files of a certificate are looked at. A change counts
// when they are the same at two looks in a row: certificate and key are two files, and
// are seldom written in one step.
const certificateEvery = 5 * time.Second

// nearEnd is how long before its end a certificate is warned of, and never longer than the
// last fifth of its life.
const nearEnd = 14 * 24 * time.Hour

// remindEvery is how often the log repeats that a certificate is near its end.
const remindEvery = 24 * time.Hour

// certificates hold the certificate in use, and follow its files. A pair that cannot be
// used never replaces one that can.
type certificates struct {
	cert, key string
	data      Data // whose rule about the key's mode holds
	every     time.Duration
	log       *slog.Logger
	now       func() time.Time

	current atomic.Pointer[tls.Certificate]
	// What the files held: at the last look, and when they were last tried.
	seen, tried [sha256.Size]byte
	reminded    time.Time
}

// openCertificates reads the TLS files; it returns nil when there are none.
func (c Config) openCertificates() (*certificates, error) {
	switch {
	case c.TLSCert == "" && c.TLSKey == "":
		return nil, nil //nolint:nilnil // the server speaks plain HTTP then
	case c.TLSCert == "" || c.TLSKey == "":
		return nil, errors.New("TLS needs both a certificate and its key; pass --tls-cert and --tls-key")
	}
	s := &certificates{cert: c.TLSCert, key: c.TLSKey, data: c.Data, every: c.certificateEvery, log: c.Log, now: time.Now}
	if s.every == 0 {
		s.every = certificateEvery
	}
	text := s.read()
	pair, err := s.parse(text)
	if err != nil {
		return nil, err
	}
	s.seen, s.tried = text.hash(), text.hash()
	s.use(pair, "certificate loaded")
	return s, nil
}

// Get is for tls.Config.
func (s *certificates) Get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return s.current.Load(), nil
}

// run follows the files until ctx ends. What comes from reload, such as a signal, loads
// them at once.
func (s *certificates) run(ctx context.Context, reload <-chan os.Signal) {
	again := time.NewTicker(s.every)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-reload:
			text := s.read()
			s.seen = text.hash()
			s.load(text)
		case <-again.C:
			s.look()
		}
	}
}

// look loads the files when they have changed and are at rest.
func (s *certificates) look() {
	text := s.read()
	switch now := text.hash(); {
	case now != s.seen:
		s.seen = now
	case now != s.tried:
		s.load(text)
	default:
		s.remind()
	}
}

// load takes the pair into use, or keeps the old one and says why.
func (s *certificates) load(text pairText) {
	s.tried = text.hash()
	pair, err := s.parse(text)
	if err == nil {
		err = s.worse(pair)
	}
	if err != nil {
		s.log.Error("certificate not changed, the one before stays in use", "cause", err.Error(), "until", s.current.Load().Leaf.NotAfter.UTC().Format(time.RFC3339))
		return
	}
	if same(pair, s.current.Load()) {
		s.log.Info("certificate read again, it is the same", "file", s.cert, "until", pair.Leaf.NotAfter.UTC().Format(time.RFC3339))
		return
	}
	s.use(pair, "certificate changed")
}

func same(a, b *tls.Certificate) bool {
	return len(a.Certificate) == len(b.Certificate) && bytes.Equal(bytes.Join(a.Certificate, nil), bytes.Join(b.Certificate, nil))
}

// worse refuses a certificate that no caller would accept now, while the one in use is
// good.
func (s *certificates) worse(pair *tls.Certificate) error {
	now, old := s.now(), s.current.Load().Leaf
	switch {
	case now.After(old.NotAfter):
		return nil
	case now.After(pair.Leaf.NotAfter):
		return fmt.Errorf("the certificate in %s has ended at %s", s.cert, pair.Leaf.NotAfter.UTC().Format(time.RFC3339))
	case now.Before(pair.Leaf.NotBefore):
		return fmt.Errorf("the certificate in %s begins only at %s; put it there then", s.cert, pair.Leaf.NotBefore.UTC().Format(time.RFC3339))
	}
	return nil
}

func (s *certificates) use(pair *tls.Certificate, message string) {
	s.current.Store(pair)
	s.log.Info(message, "file", s.cert, "serial", fmt.Sprintf("%x", pair.Leaf.SerialNumber), "until", pair.Leaf.NotAfter.UTC().Format(time.RFC3339))
	s.reminded = time.Time{}
	s.remind()
}

// remind warns, now and then, of a certificate that is near its end.
func (s *certificates) remind() {
	leaf, now := s.current.Load().Leaf, s.now()
	left := leaf.NotAfter.Sub(now)
	if left > min(nearEnd, leaf.NotAfter.Sub(leaf.NotBefore)/5) || now.Sub(s.reminded) < remindEvery {
		return
	}
	s.reminded = now
	message := "the certificate is near its end; renew its files, which are read while the server runs"
	if left <= 0 {
		message = "the certificate has ended, and callers refuse it; renew its files, which are read while the server runs"
	}
	s.log.Warn(message, "file", s.cert, "until", leaf.NotAfter.UTC().Format(time.RFC3339))
}

// pairText is what the two files hold, or why one cannot be read.
type pairText struct {
	cert, key []byte
	err       error
}

// maxPEM bounds a file of TLS, in bytes.
const maxPEM = 1 << 20

func (s *certificates) read() pairText {
	var t pairText
	if t.err = s.data.checkAccess(guardedTLSKey, s.key); t.err != nil {
		return t
	}
	if t.cert, t.err = readPEM(s.cert); t.err == nil {
		t.key, t.err = readPEM(s.key)
	}
	return t
}

func readPEM(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxPEM {
		return nil, fmt.Errorf("%s is no file with a certificate or a key in PEM", path)
	}
	text, err := os.ReadFile(path) //nolint:gosec // the operator names the file
	return bytes.TrimPrefix(text, []byte("\ufeff")), err
}

func (t pairText) hash() [sha256.Size]byte {
	sum := sha256.New()
	if t.err != nil {
		fmt.Fprintf(sum, "error %s", t.err)
	}
	fmt.Fprintf(sum, "%d %s%s", len(t.cert), t.cert, t.key)
	return [sha256.Size]byte(sum.Sum(nil))
}

func (s *certificates) parse(t pairText) (*tls.Certificate, error) {
	if t.err != nil {
		return nil, fmt.Errorf("reading the TLS certificate %s and its key %s: %w", s.cert, s.key, t.err)
	}
	pair, err := tls.X509KeyPair(t.cert, t.key)
	if err != nil {
		return nil, fmt.Errorf("reading the TLS certificate %s and its key %s: %w", s.cert, s.key, err)
	}
	return &pair, nil
}
