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
	DataDir    string `help:"The data folder. It is made when it is not there, for this user only." default:"./postern-data"`
	PepperFile string `help:"The key under which secrets are digested. Best kept on another disk than the data folder; the default is in it." placeholder:"FILE"`
	// kong reads the several files of one value at the commas.
	PlatformFile []string `help:"A platform of your own, beside the built-in ones; repeat it for more. An account on it needs it at every start." placeholder:"FILE"`
}

func (f dataFlags) data() server.Data {
	return server.Data{Dir: f.DataDir, PepperFile: f.PepperFile, PlatformFiles: f.PlatformFile}
}

// defaultPlatform is that of an account whose platform nobody named.
const defaultPlatform = "postern"

// accountFlags describe the account of the first start.
type accountFlags struct {
	// Without a default here: serve must know whether it was named.
	Platform    string `help:"First start: the platform whose rules the keys follow, one of ${platforms}, or one of your own from --platform-file; postern when left out. Later starts: refuse a folder without an account on it." placeholder:"NAME"`
	Plan        string `help:"First start: the platform's plan, which sets the limits; the platform has a default."`
	AccountName string `help:"First start: what people call the account." default:"default"`
}

func (f accountFlags) account() keyring.NewAccount {
	a := keyring.NewAccount{Name: f.AccountName, Platform: f.Platform, Plan: f.Plan}
	if a.Platform == "" {
		a.Platform = defaultPlatform
	}
	return a
}

// printCredential shows an owner credential, the only time that it is ever seen.
func printCredential(w io.Writer, dir string, account keyring.Account, credential secret.Secret) error {
	_, err := fmt.Fprintf(w, `A new account is ready in %s: %s on the platform %s.
Its owner credential, shown this once:

    %s

It may do everything in the account. Keep it where you keep passwords.
`, dir, account.ID, account.Platform, credential.Reveal())
	return lostCredential(dir, err)
}

// initialised is what init --json prints.
type initialised struct {
	AccountID       string `json:"account_id"`
	AccountName     string `json:"account_name"`
	Platform        string `json:"platform"`
	Plan            string `json:"plan"`
	DataDir         string `json:"data_dir"`
	OwnerCredential string `json:"owner_credential"`
}

func printCredentialJSON(w io.Writer, dir string, account keyring.Account, credential secret.Secret) error {
	err := json.NewEncoder(w).Encode(initialised{
		AccountID: account.ID, AccountName: account.Name, Platform: account.Platform, Plan: account.Plan,
		DataDir: dir, OwnerCredential: credential.Reveal(),
	})
	return lostCredential(dir, err)
}

func lostCredential(dir string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the account was made, but its owner credential could not be printed and is lost: %w; remove %s and start again", err, dir)
}
