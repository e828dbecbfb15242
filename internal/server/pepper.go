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

// writeTemp writes a file that only this program's user reads, and waits until it
// is on the disk.
func writeTemp(dir string, text []byte) (string, error) {
	f, err := os.CreateTemp(dir, ".new-*") // with mode 0600
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

// checked is what the digests are of. It is no secret: a digest under a pepper of
// 256 random bits tells nothing about the pepper.
const checked = "postern pepper check"

// checkPeppers refuses a pepper file that belongs to another folder. Otherwise a
// wrong one shows only in this, that no credential works any more. It returns
// the digests under all peppers that there ever were.
func (d Data) checkPeppers(peppers secret.Peppers) (map[int]string, error) {
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
	for _, p := range peppers {
		digest := p.Digest(secret.From(checked))
		now := base64.StdEncoding.EncodeToString(digest[:])
		if before, ok := known[p.Version]; ok && before != now {
			return nil, fmt.Errorf("the pepper file %s does not belong to the data folder %s: its version %d differs, and no credential would work; restore the right one", d.PepperFile, d.Dir, p.Version)
		}
		known[p.Version] = now
	}
	return known, nil
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
		err = os.Rename(whole, path)
	}
	if err != nil {
		return fmt.Errorf("writing the pepper's check: %w", err)
	}
	return nil
}
