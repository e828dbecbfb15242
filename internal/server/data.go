package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/platform"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
	"github.com/postern-dev/terraform-provider-postern/internal/store/sqlite"
)

// DatabaseFile is the database's name in the data folder.
const DatabaseFile = "postern.db"

// Modes of what only the server's user may read.
const (
	folderMode = 0o700
	fileMode   = 0o600
)

// Data says where a server keeps what must outlive it.
type Data struct {
	Dir        string               // must be set; made when it is not there
	PepperFile string               // Dir/pepper when empty; best kept on another disk than the database
	Now        func() time.Time     // time.Now when nil
	Elapsed    func() time.Duration // as in keyring.Config
	Log        *slog.Logger         // of what the keyring tells nobody else; nothing is logged when nil
	// First, when its platform is set, is the account that the caller will make
	// in a folder without a database. It is checked before anything is made.
	First keyring.NewAccount
	// NoFirst, when set, is why the caller makes no account. It is the answer in a folder
	// without a database, before anything is made.
	NoFirst error
	// AcceptPepper takes the pepper file for the right one where nothing shows that it
	// is: the database is from before it held a check, and the check file is gone.
	AcceptPepper bool
	// PlatformFiles are the operator's own platforms, beside the built-in ones.
	PlatformFiles []string
	// InsecureFileModes uses files that others than this program's user may reach.
	InsecureFileModes bool
	// anyPlatform opens a folder with accounts whose platform is not known: what is done
	// there needs no rules of theirs.
	anyPlatform bool
}

var errNoFolder = errors.New("the data folder's name is empty; name one with --data-dir")

// OpenData is an open data folder. Several processes on one machine may have the
// same folder open: SQLite orders their writes, and nothing is held in memory
// that could differ from it.
type OpenData struct {
	Keyring *keyring.Keyring
	Store   *sqlite.Store
}

// Open opens a data folder, and makes what is missing of it when it is new. What
// it refuses, it leaves as it was.
func Open(ctx context.Context, d Data) (_ *OpenData, err error) {
	if d.Dir == "" {
		return nil, errNoFolder
	}
	if d.PepperFile == "" {
		d.PepperFile = filepath.Join(d.Dir, "pepper")
	}
	for _, file := range d.PlatformFiles {
		if err := d.checkAccess(guardedPlatform, file); err != nil {
			return nil, err
		}
	}
	platforms, err := platform.Load(d.PlatformFiles...)
	if err != nil {
		return nil, err
	}
	database := filepath.Join(d.Dir, DatabaseFile)
	if d.First.Platform != "" && !exists(database) {
		if err := d.First.Check(platforms); err != nil {
			return nil, err
		}
	}
	made := !exists(d.Dir)
	defer func() {
		if err != nil && made {
			_ = os.Remove(d.Dir) // removes an empty folder only, which is all that is wanted
		}
	}()
	if err := d.prepareFolder(); err != nil {
		return nil, err
	}
	if err := d.checkAccess(guardedDatabase, database); err != nil {
		return nil, err
	}
	if d.NoFirst != nil && !exists(database) {
		return nil, d.NoFirst
	}
	if err := errors.Join(removeLeftovers(d.Dir), removeLeftovers(filepath.Dir(d.PepperFile))); err != nil {
		return nil, fmt.Errorf("removing what a killed start has left: %w", err)
	}
	peppers, err := d.peppers(holdsData(database))
	if err != nil {
		return nil, err
	}
	store, err := sqlite.Open(ctx, database)
	if err != nil {
		return nil, err
	}
	k, err := keyring.New(ctx, keyring.Config{
		Store: store, Peppers: peppers, Platforms: platforms, Now: d.Now, Elapsed: d.Elapsed, Log: d.Log, AnyPlatform: d.anyPlatform,
		PepperProven: d.isProven,
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("opening the data folder %s: %w", d.Dir, err), store.Close())
	}
	if err := d.notePeppers(peppers); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return &OpenData{Keyring: k, Store: store}, nil
}

// Close closes the database. Transactions in progress end first.
func (o *OpenData) Close() error {
	return o.Store.Close()
}

// Initialised reports whether there is an account.
func (o *OpenData) Initialised(ctx context.Context) (bool, error) {
	accounts, err := o.Keyring.Accounts(ctx)
	if err != nil {
		return false, fmt.Errorf("looking for an account: %w", err)
	}
	return len(accounts) > 0, nil
}

// Initialise makes the first account and its owner credential, which is never
// seen again. It fails with keyring.ErrNotFirst when there is an account.
func (o *OpenData) Initialise(ctx context.Context, in keyring.NewAccount) (keyring.Account, secret.Secret, error) {
	in.First = true
	account, credential, err := o.Keyring.CreateAccount(ctx, in)
	if err != nil {
		return account, credential, fmt.Errorf("making the first account: %w", err)
	}
	return account, credential, nil
}

// holdsData reports whether there is a database with anything in it. A kill during the
// first start leaves an empty file.
func holdsData(database string) bool {
	info, err := os.Stat(database)
	return err == nil && info.Size() > 0 || err != nil && !errors.Is(err, fs.ErrNotExist)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
