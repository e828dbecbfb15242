package main

import (
	"context"
	"fmt"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

type accountCommand struct {
	Create      accountCreateCommand      `cmd:"" help:"Make an account and its owner credential, and print that once."`
	List        accountListCommand        `cmd:"" help:"List all accounts."`
	SetStanding accountSetStandingCommand `cmd:"" help:"Change an account's standing. Its keys work while it is open or pending_cancel."`
}

// shownAccount is an account in JSON.
type shownAccount struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Platform  string    `json:"platform"`
	Plan      string    `json:"plan"` // empty where the platform has none
	Standing  string    `json:"standing"`
	CreatedAt time.Time `json:"created_at"`
}

func showAccount(a keyring.Account) shownAccount {
	return shownAccount{ID: a.ID, Name: a.Name, Platform: a.Platform, Plan: a.Plan, Standing: a.Standing, CreatedAt: a.CreatedAt}
}

// createdAccount is what account create --json prints.
type createdAccount struct {
	shownAccount
	OwnerCredential string `json:"owner_credential,omitempty"`
	CredentialFile  string `json:"credential_file,omitempty"` // where it was written instead
}

type accountCreateCommand struct {
	existingFlags
	Name     string `help:"What people call the account." required:"" env:"-"`
	Platform string `help:"The platform whose rules the keys follow, one of ${platforms}, or one of your own from --platform-file." required:"" env:"-"`
	Plan     string `help:"The platform's plan, which sets the limits; the platform has a default." env:"-"`
	newCredentialFlags
}

// newCredentialFlags say where a new credential goes.
type newCredentialFlags struct {
	CredentialFile string `help:"Write the credential to this new file, which only this user can read, and do not print it." placeholder:"FILE" env:"-"`
}

// Run makes an account.
func (c *accountCreateCommand) Run(ctx context.Context, out *output) error {
	return c.open(ctx, func(k *keyring.Keyring) error {
		file := &credentialFile{path: c.CredentialFile}
		a, credential, err := k.CreateAccount(ctx, keyring.NewAccount{Name: c.Name, Platform: c.Platform, Plan: c.Plan, Keep: file.keep})
		if err := file.undo(ctx, k, err); err != nil {
			return err
		}
		shown := createdAccount{showAccount(a), credential.Reveal(), c.CredentialFile}
		if c.CredentialFile != "" {
			shown.OwnerCredential = ""
		}
		err = c.print(out.stdout, shown, fmt.Sprintf("A new account is ready: %s on the platform %s.\n", a.ID, a.Platform)+
			shownCredential("owner credential", c.CredentialFile, credential)+"It may do everything in the account. Keep it where you keep passwords.\n")
		if err == nil {
			return nil
		}
		if c.CredentialFile != "" {
			return unprinted(a.ID, file.id, c.CredentialFile, err)
		}
		return fmt.Errorf("the account %s was made, but its owner credential could not be printed and is lost: %w; "+
			"make another with: postern owner-key create --account %s", a.ID, err, a.ID)
	})
}

type accountListCommand struct {
	existingFlags
}

// Run lists the accounts, by id.
func (c *accountListCommand) Run(ctx context.Context, out *output) error {
	return c.open(ctx, func(k *keyring.Keyring) error {
		all, err := k.Accounts(ctx)
		if err != nil {
			return err
		}
		shown, rows := []shownAccount{}, [][]string{}
		for _, a := range all {
			shown = append(shown, showAccount(a))
			rows = append(rows, []string{a.ID, a.Standing, a.Platform, a.Plan, shownTime(a.CreatedAt), a.Name})
		}
		return c.print(out.stdout, map[string][]shownAccount{"accounts": shown}, table([]string{"ID", "STANDING", "PLATFORM", "PLAN", "CREATED", "NAME"}, rows))
	})
}

type accountSetStandingCommand struct {
	existingFlags
	ID       string `arg:"" help:"The account's id."`
	Standing string `arg:"" help:"open, pending_cancel, past_due, suspended or terminated."`
}

// Run changes the standing.
func (c *accountSetStandingCommand) Run(ctx context.Context, out *output) error {
	return c.open(ctx, func(k *keyring.Keyring) error {
		if err := k.SetStanding(ctx, c.ID, c.Standing); err != nil {
			return err
		}
		all, err := k.Accounts(ctx)
		if err != nil {
			return err
		}
		for _, a := range all {
			if a.ID == c.ID {
				return c.print(out.stdout, showAccount(a), fmt.Sprintf("Account %s is %s.\n", a.ID, a.Standing))
			}
		}
		return fmt.Errorf("account %s is gone", c.ID)
	})
}
