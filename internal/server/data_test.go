package server_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

func secretOf(text string) secret.Secret { return secret.From(text) }

// made returns a data folder with an account, closed, and its owner credential.
func made(t *testing.T, d server.Data) secret.Secret {
	t.Helper()
	data, err := server.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	_, owner, err := data.Initialise(t.Context(), keyring.NewAccount{Name: "test", Platform: "postern"})
	if err != nil {
		t.Fatal(err)
	}
	if err := data.Close(); err != nil {
		t.Fatal(err)
	}
	return owner
}

func opens(t *testing.T, d server.Data) {
	t.Helper()
	data, err := server.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	_ = data.Close()
}

func refuses(t *testing.T, d server.Data, want ...string) {
	t.Helper()
	data, err := server.Open(t.Context(), d)
	if err == nil {
		_ = data.Close()
		t.Fatal("it opens")
	}
	for _, w := range want {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%v, which lacks %q", err, w)
		}
	}
}

func TestOpen_MakesWhatOnlyItsUserReads(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	made(t, server.Data{Dir: dir})
	for path, want := range map[string]os.FileMode{dir: 0o700, dir + "/pepper": 0o600, dir + "/" + server.DatabaseFile: 0o600, dir + "/pepper-check": 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Error(err)
		} else if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has the mode %04o, want %04o", path, got, want)
		}
	}
	leftover, err := filepath.Glob(dir + "/.*")
	if err != nil || len(leftover) > 0 {
		t.Errorf("left behind: %v %v", leftover, err)
	}
}

func TestOpen_OpensAgainWithTheSamePepper(t *testing.T) {
	t.Parallel()
	d := server.Data{Dir: filepath.Join(t.TempDir(), "data")}
	owner := made(t, d)
	data, err := server.Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	defer data.Close()
	if _, err := data.Keyring.Authenticate(t.Context(), owner, keyring.Origin{}); err != nil {
		t.Errorf("the owner credential: %v", err)
	}
	if done, err := data.Initialised(t.Context()); err != nil || !done {
		t.Errorf("initialised: %v, %v", done, err)
	}
}

func TestOpen_RefusesFolders(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refuses(t, server.Data{Dir: file}, file+" is not a folder", "--data-dir")
	refuses(t, server.Data{Dir: filepath.Join(file, "data")}, "data folder", "--data-dir")
	open := filepath.Join(dir, "open")
	if err := os.Mkdir(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o755); err != nil { // whatever the umask is
		t.Fatal(err)
	}
	refuses(t, server.Data{Dir: open}, "mode 0755", "chmod 700 "+open, "--insecure-file-modes")
	if left, err := os.ReadDir(open); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestOpen_RefusesADatabaseThatOthersRead(t *testing.T) {
	t.Parallel()
	d := server.Data{Dir: folder(t)}
	made(t, d)
	database := filepath.Join(d.Dir, server.DatabaseFile)
	if err := os.Chmod(database, 0o644); err != nil {
		t.Fatal(err)
	}
	refuses(t, d, "the database "+database+" is open to other users", "chmod 600 "+database)
}

func TestOpen_RefusesAPlatformFileThatOthersWrite(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "acme.hcl")
	text, err := os.ReadFile("../../examples/platforms/acme.hcl")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append([]byte("\ufeff"), strings.ReplaceAll(string(text), "\n", "\r\n")...), 0o600); err != nil {
		t.Fatal(err)
	}
	d := server.Data{Dir: folder(t), PlatformFiles: []string{file}}
	opens(t, d) // as an editor on Windows leaves it
	if err := os.Chmod(file, 0o666); err != nil {
		t.Fatal(err)
	}
	refuses(t, d, "the platform file "+file+" is open to other users", "chmod go-w "+file)
}

func TestOpen_LeavesNoFolderBehindWhenThePepperCannotBe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := server.Data{Dir: filepath.Join(dir, "data"), PepperFile: filepath.Join(dir, "missing", "pepper")}
	refuses(t, d, "making the pepper file")
	if _, err := os.Stat(d.Dir); !os.IsNotExist(err) {
		t.Errorf("the folder is there: %v", err)
	}
}

func TestPepper_Refusals(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := server.Data{Dir: filepath.Join(dir, "data"), PepperFile: filepath.Join(dir, "pepper")}
	made(t, d)
	own, err := os.ReadFile(d.PepperFile)
	if err != nil {
		t.Fatal(err)
	}
	put := func(text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(d.PepperFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(d.PepperFile, mode); err != nil {
			t.Fatal(err)
		}
	}
	put(secret.NewPepper(1).Line(), 0o600)
	refuses(t, d, "does not belong to the data folder "+d.Dir, "version 1 differs")
	put(secret.NewPepper(2).Line(), 0o600)
	refuses(t, d, "pepper version 1", "lacks")
	put("1 hushhush\n", 0o600)
	if _, err := server.Open(t.Context(), d); err == nil || strings.Contains(err.Error(), "hushhush") || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("got %v", err)
	}
	put(string(own), 0o644)
	refuses(t, d, "mode 0644", "chmod 600 "+d.PepperFile)
	insecure := d
	insecure.InsecureFileModes = true
	opens(t, insecure)
	put("\ufeff# "+strings.ReplaceAll(string(own), "\n", "\r\n"), 0o600)
	opens(t, d) // as an editor on Windows leaves it
	if err := os.Remove(d.PepperFile); err != nil {
		t.Fatal(err)
	}
	refuses(t, d, "is missing", "restore it", "--pepper-file")
	if _, err := os.Stat(d.PepperFile); !os.IsNotExist(err) {
		t.Error("a new pepper was made beside an old database")
	}
	put(string(own)+secret.NewPepper(2).Line(), 0o600)
	data, err := server.Open(t.Context(), d)
	if err != nil {
		t.Fatalf("with a newer pepper beside the old one: %v", err)
	}
	_ = data.Close()
}

// writeCertificate writes a certificate for this machine, and returns whom to
// trust for it.
func writeCertificate(t *testing.T, certFile, keyFile string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for path, text := range map[string][]byte{certFile: certPEM, keyFile: pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(certPEM)
	return pool
}
