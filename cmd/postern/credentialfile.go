package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"golang.org/x/term"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// credentialFile is where a new credential goes when it is not printed. Its path is
// empty when it is printed.
type credentialFile struct {
	path string
	// What was written, for undo.
	account, id string
}

// check refuses a path that cannot become a new file, before anything is made.
func (f *credentialFile) check() error {
	if f.path == "" {
		return nil
	}
	if _, err := os.Lstat(f.path); err == nil {
		return fmt.Errorf("the credential file %s is there already, and none is ever overwritten; keep or remove it, or name another with --credential-file", f.path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("looking at the credential file: %w", err)
	}
	if _, err := os.Stat(filepath.Dir(f.path)); err != nil {
		return fmt.Errorf("the credential file's folder: %w; make it, or name another file with --credential-file", err)
	}
	return nil
}

// keep writes the credential, for this program's user only, and returns when the file is
// on the disk. It is a keyring.Keep.
func (f *credentialFile) keep(account, id string, credential secret.Secret) error {
	if f.path == "" {
		return nil
	}
	if err := f.check(); err != nil {
		return err
	}
	const mode = 0o600
	file, err := os.OpenFile(f.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("making the credential file: %w; nothing was made", err)
	}
	_, err = io.WriteString(file, credential.Reveal()+"\n")
	if err := errors.Join(err, file.Sync(), file.Close(), syncFolder(filepath.Dir(f.path))); err != nil {
		return errors.Join(fmt.Errorf("writing the credential file: %w; nothing was made", err), os.Remove(f.path))
	}
	f.account, f.id = account, id
	return nil
}

// syncFolder waits until the folder's entries are on the disk. Windows has no such call.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir) //nolint:gosec // the operator names the file in it
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// undo removes the file of a credential that was not made after all, and returns why that
// is so. A file whose credential may work stays.
func (f *credentialFile) undo(ctx context.Context, k *keyring.Keyring, why error) error {
	if why == nil || f.id == "" {
		return why
	}
	owners, err := k.Owners(context.WithoutCancel(ctx), f.account)
	made := slices.ContainsFunc(owners, func(o keyring.Owner) bool { return o.ID == f.id })
	if made || err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return fmt.Errorf("%w; whether the credential in %s works is not certain, so it was kept: see postern owner-key list for %s", why, f.path, f.id)
	}
	return errors.Join(why, os.Remove(f.path))
}

// isTerminal reports whether a person reads what is written there, and nothing keeps it.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
