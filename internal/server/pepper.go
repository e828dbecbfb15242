package server

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

const pepperHeader = `# The pepper of a Postern data folder: the key under which its secrets are digested.
# Without it no credential works. Back it up apart from the database, and let no one read it.
`

// peppers reads the pepper file. It makes one only for a folder without a
// database: a new pepper beside an old database would make every credential
// look wrong.
func (d Data) peppers(hasDatabase bool) (secret.Peppers, error) {
	if !exists(d.PepperFile) {
		if hasDatabase {
			return nil, fmt.Errorf("the pepper file %s is missing, and without it no credential in %s works; restore it, or name it with --pepper-file", d.PepperFile, d.Dir)
		}
		if err := makePepper(d.PepperFile); err != nil {
			return nil, fmt.Errorf("making the pepper file %s: %w", d.PepperFile, err)
		}
	}
	if !hasDatabase {
		// Before there is a database that needs it. A start that was killed before this
		// has left a pepper whose name is not yet on the disk, so each one does it.
		if err := syncFolder(filepath.Dir(d.PepperFile)); err != nil {
			return nil, fmt.Errorf("saving the pepper file %s: %w", d.PepperFile, err)
		}
	}
	if err := d.checkAccess(guardedPepper, d.PepperFile); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(d.PepperFile)
	if err != nil {
		return nil, fmt.Errorf("reading the pepper file: %w", err)
	}
	peppers, err := secret.ParsePeppers(text)
	if err != nil {
		return nil, fmt.Errorf("reading the pepper file %s: %w", d.PepperFile, err)
	}
	if _, err := d.checkPeppers(peppers); err != nil {
		return nil, err
	}
	return peppers, nil
}

// makePepper writes a new pepper file, whole or not at all. When another process
// was faster, its file stays.
func makePepper(path string) error {
	whole, err := writeTemp(filepath.Dir(path), []byte(pepperHeader+secret.NewPepper(1).Line()))
	if err != nil {
		return err
	}
	err = os.Link(whole, path) // unlike a rename, it never replaces a file
	if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return errors.Join(err, os.Remove(whole))
}

// syncFolder waits until the folder's entries are on the disk: a file that is synced can
// still be without a name after a power cut. Windows knows no such call and needs none.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	f, err := os.Open(dir) //nolint:gosec // the operator's own folder
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Names of files that a start makes for a moment, and leaves when it is killed.
const (
	newPrefix   = ".postern-new-"
	probePrefix = ".postern-probe-"
)

// leftoverAge is how old a file of a start is when it is left over: no start takes so long.
const leftoverAge = 10 * time.Minute

// removeLeftovers removes what killed starts have left in the folder. A name of ours and
// its age tell such a file from everything else. A folder that this user may not
// list or change, as one that holds a pepper only, is left as it is.
func removeLeftovers(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return nil
	}
	errs := []error{err}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), newPrefix) && !strings.HasPrefix(e.Name(), probePrefix) {
			continue
		}
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || time.Since(info.ModTime()) < leftoverAge {
			continue
		}
		err = os.Remove(filepath.Join(dir, e.Name()))
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, syscall.EROFS) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// writeTemp writes a file that only this program's user reads, and waits until it
// is on the disk.
func writeTemp(dir string, text []byte) (string, error) {
	f, err := os.CreateTemp(dir, newPrefix+"*") // with mode 0600
	if err != nil {
		return "", err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

// checkFile holds one digest under each pepper that the folder was used with.
const checkFile = "pepper-check"

// checkPeppers refuses a pepper file that belongs to another folder. Otherwise a
// wrong one shows only in this, that no credential works any more. It returns
// the digests under all peppers that there ever were.
func (d Data) checkPeppers(peppers secret.Peppers) (map[int]string, error) {
	known, err := d.readChecks()
	if err != nil {
		return nil, err
	}
	for _, p := range peppers {
		now := base64.StdEncoding.EncodeToString(keyring.PepperCheck(p))
		if before, ok := known[p.Version]; ok && before != now {
			return nil, fmt.Errorf("the pepper file %s does not belong to the data folder %s: its version %d differs, and no credential would work; restore the right one", d.PepperFile, d.Dir, p.Version)
		}
		known[p.Version] = now
	}
	return known, nil
}

// readChecks returns what the check file holds, empty when there is none.
func (d Data) readChecks() (map[int]string, error) {
	path := filepath.Join(d.Dir, checkFile)
	known := map[int]string{}
	text, err := os.ReadFile(path) //nolint:gosec // in the operator's own folder
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("checking the pepper: %w", err)
	default:
		if err := json.Unmarshal(text, &known); err != nil {
			return nil, fmt.Errorf("checking the pepper: %s is damaged; remove it when the pepper file is certainly the right one: %w", path, err)
		}
	}
	return known, nil
}

// isProven reports whether the pepper of that version, which has passed checkPeppers, is
// known to be the one that the folder was used with.
func (d Data) isProven(version int) bool {
	if d.AcceptPepper {
		return true
	}
	known, err := d.readChecks()
	_, noted := known[version]
	return err == nil && noted
}

// notePeppers remembers the peppers that the folder is used with. It comes last:
// what did not fit the database must not be remembered.
func (d Data) notePeppers(peppers secret.Peppers) error {
	path := filepath.Join(d.Dir, checkFile)
	known, err := d.checkPeppers(peppers)
	if err != nil {
		return err
	}
	text, err := json.Marshal(known)
	if err != nil {
		return fmt.Errorf("encoding the pepper's check: %w", err)
	}
	if before, err := os.ReadFile(path); err == nil && bytes.Equal(before, append(text, '\n')) { //nolint:gosec // see above
		return nil
	}
	whole, err := writeTemp(d.Dir, append(text, '\n'))
	if err == nil {
		err = errors.Join(os.Rename(whole, path), syncFolder(d.Dir))
	}
	if err != nil {
		return fmt.Errorf("writing the pepper's check: %w", err)
	}
	return nil
}
