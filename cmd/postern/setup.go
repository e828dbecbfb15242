package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

// dataFlags say where the data is.
type dataFlags struct {
	DataDir      string `help:"The data folder. It is made when it is not there, for this user only." default:"./postern-data"`
	PepperFile   string `help:"The key under which secrets are digested. Best kept on another disk than the data folder; the default is in it." placeholder:"FILE"`
	AcceptPepper bool   `help:"Take the pepper file for the right one where nothing shows that it is: in an old data folder whose file pepper-check is gone." env:"-"`
	// kong reads the several files of one value at the commas.
	PlatformFile []string `help:"A platform of your own, beside the built-in ones; repeat it for more. An account on it needs it at every start." placeholder:"FILE"`
	insecureFlag
}

// insecureFlag is on every command that opens the data folder.
type insecureFlag struct {
	InsecureFileModes bool `help:"Do not look at who else may read the data folder, the database, the pepper and the TLS key, or write platform files."`
}

func (f dataFlags) data() server.Data {
	return server.Data{Dir: f.DataDir, PepperFile: f.PepperFile, AcceptPepper: f.AcceptPepper, PlatformFiles: f.PlatformFile, InsecureFileModes: f.InsecureFileModes}
}

// defaultPlatform is that of an account whose platform nobody named.
const defaultPlatform = "postern"

// accountFlags describe the account of the first start.
type accountFlags struct {
	// Without a default here: serve must know whether it was named.
	Platform    string `help:"First start: the platform whose rules the keys follow, one of ${platforms}, or one of your own from --platform-file; postern when left out. Later starts: refuse a folder without an account on it." placeholder:"NAME"`
	Plan        string `help:"First start: the platform's plan, which sets the limits; the platform has a default."`
	AccountName string `help:"First start: what people call the account." default:"default"`
	// CredentialFile is for logs and containers, where nobody reads standard output.
	CredentialFile string `help:"First start: write the owner credential to this new file, which only this user can read, and do not print it. A file that is there is never overwritten." placeholder:"FILE"`
}

func (f accountFlags) account() keyring.NewAccount {
	a := keyring.NewAccount{Name: f.AccountName, Platform: f.Platform, Plan: f.Plan}
	if a.Platform == "" {
		a.Platform = defaultPlatform
	}
	return a
}

// printCredential shows an owner credential, the only time that it is ever seen, or where
// it was written.
func (c *initCommand) printCredential(w io.Writer, account keyring.Account, credential secret.Secret) error {
	if c.JSON {
		shown := initialised{
			AccountID: account.ID, AccountName: account.Name, Platform: account.Platform, Plan: account.Plan,
			DataDir: c.DataDir, OwnerCredential: credential.Reveal(), CredentialFile: c.CredentialFile,
		}
		if c.CredentialFile != "" {
			shown.OwnerCredential = ""
		}
		return c.lostCredential(json.NewEncoder(w).Encode(shown))
	}
	return printFirst(w, c.DataDir, c.CredentialFile, account, credential)
}

// printFirst tells a person about the first account.
func printFirst(w io.Writer, dir, file string, account keyring.Account, credential secret.Secret) error {
	text := fmt.Sprintf("A new account is ready in %s: %s on the platform %s.\n", dir, account.ID, account.Platform) +
		shownCredential("owner credential", file, credential) + "It may do everything in the account. Keep it where you keep passwords.\n"
	if _, err := io.WriteString(w, text); err != nil {
		return lostCredential(dir, file, err)
	}
	return nil
}

// shownCredential is a credential for a person, or the file that it was written to.
func shownCredential(what, file string, credential secret.Secret) string {
	if file != "" {
		return fmt.Sprintf("Its %s is in the file %s and nowhere else.\n", what, file)
	}
	return fmt.Sprintf("Its %s, shown this once:\n\n    %s\n\n", what, credential.Reveal())
}

// initialised is what init --json prints.
type initialised struct {
	AccountID       string `json:"account_id"`
	AccountName     string `json:"account_name"`
	Platform        string `json:"platform"`
	Plan            string `json:"plan"`
	DataDir         string `json:"data_dir"`
	OwnerCredential string `json:"owner_credential,omitempty"`
	CredentialFile  string `json:"credential_file,omitempty"` // where it was written instead
}

func (c *initCommand) lostCredential(err error) error {
	return lostCredential(c.DataDir, c.CredentialFile, err)
}

// lostCredential says what to do about an account of whose credential nobody was told.
func lostCredential(dir, file string, err error) error {
	switch {
	case err == nil:
		return nil
	case file != "":
		return fmt.Errorf("the account was made and its owner credential is in %s, but that could not be printed: %w", file, err)
	}
	return fmt.Errorf("the account was made, but its owner credential could not be printed and is lost: %w; make another with: postern owner-key create --data-dir %s", err, dir)
}
