package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
)

type ownerKeyCommand struct {
	Create ownerKeyCreateCommand `cmd:"" help:"Make a credential of an account, full or limited, and print it once."`
	List   ownerKeyListCommand   `cmd:"" help:"List the credentials of accounts, never their secrets."`
	Revoke ownerKeyRevokeCommand `cmd:"" help:"Revoke a credential for good."`
}

// shownOwnerKey is a credential in JSON, without its secret.
type shownOwnerKey struct {
	ID         string    `json:"id"`
	AccountID  string    `json:"account_id"`
	Kind       string    `json:"kind"` // owner, or service for a limited one
	Name       string    `json:"name"` // may be empty
	Rights     []string  `json:"rights"`
	SecretHint string    `json:"secret_hint"`
	CreatedAt  time.Time `json:"created_at"`
}

func showOwnerKey(o keyring.Owner) shownOwnerKey {
	return shownOwnerKey{
		ID: o.ID, AccountID: o.Account, Kind: o.Kind(), Name: o.Name, Rights: o.EffectiveRights(), SecretHint: o.SecretHint, CreatedAt: o.CreatedAt,
	}
}

// createdOwnerKey is what owner-key create --json prints.
type createdOwnerKey struct {
	shownOwnerKey
	Credential     string `json:"credential,omitempty"`
	CredentialFile string `json:"credential_file,omitempty"` // where it was written instead
}

type ownerKeyCreateCommand struct {
	existingFlags
	Account string   `help:"The account's id. It may be left out where there is one account." env:"-"`
	Name    string   `help:"What people call the credential." env:"-"`
	Only    []string `help:"Limit it to this right, and let it grant nothing; repeat it for more. For a gateway: verify. All are ${rights}." env:"-" placeholder:"RIGHT"`
	newCredentialFlags
}

// Run makes a credential.
func (c *ownerKeyCreateCommand) Run(ctx context.Context, out *output) error {
	return c.open(ctx, func(k *keyring.Keyring) error {
		account, err := theAccount(ctx, k, c.Account)
		if err != nil {
			return err
		}
		file := &credentialFile{path: c.CredentialFile}
		o, credential, err := k.CreateOwner(ctx, account, keyring.NewOwner{Name: c.Name, Rights: c.Only, Keep: file.keep})
		if err := file.undo(ctx, k, err); err != nil {
			return err
		}
		what, may := "owner credential", "It may do everything in the account."
		if !o.Full() {
			what, may = "limited credential", fmt.Sprintf("Its rights are %s, and it grants nothing.", strings.Join(o.Rights, ", "))
		}
		shown := createdOwnerKey{showOwnerKey(o), credential.Reveal(), c.CredentialFile}
		if c.CredentialFile != "" {
			shown.Credential = ""
		}
		err = c.print(out.stdout, shown, fmt.Sprintf("A new %s of account %s is ready: %s.\n", what, o.Account, o.ID)+
			shownCredential("secret", c.CredentialFile, credential)+may+" Keep it where you keep passwords.\n")
		return unprinted(o.Account, o.ID, c.CredentialFile, err)
	})
}

type ownerKeyListCommand struct {
	existingFlags
	Account string `help:"The account's id; all accounts when left out." env:"-"`
}

// Run lists credentials, by account and age.
func (c *ownerKeyListCommand) Run(ctx context.Context, out *output) error {
	return c.open(ctx, func(k *keyring.Keyring) error {
		ids := []string{c.Account}
		if c.Account == "" {
			all, err := k.Accounts(ctx)
			if err != nil {
				return err
			}
			ids = ids[:0]
			for _, a := range all {
				ids = append(ids, a.ID)
			}
		}
		shown, rows := []shownOwnerKey{}, [][]string{}
		for _, id := range ids {
			owners, err := k.Owners(ctx, id)
			if err != nil {
				return err
			}
			for _, o := range owners {
				rights := "all"
				if !o.Full() {
					rights = strings.Join(o.Rights, ",")
				}
				shown = append(shown, showOwnerKey(o))
				rows = append(rows, []string{o.ID, o.Account, o.Kind(), rights, o.SecretHint, shownTime(o.CreatedAt), o.Name})
			}
		}
		return c.print(out.stdout, map[string][]shownOwnerKey{"owner_keys": shown}, table([]string{"ID", "ACCOUNT", "KIND", "RIGHTS", "SECRET", "CREATED", "NAME"}, rows))
	})
}

type ownerKeyRevokeCommand struct {
	existingFlags
	ID    string `arg:"" help:"The credential's id, as owner-key list shows it."`
	Force bool   `help:"Revoke the last full owner credential of an account, too. Nobody can manage the account then, until owner-key create makes another." env:"-"`
}

// Run revokes a credential.
func (c *ownerKeyRevokeCommand) Run(ctx context.Context, out *output) error {
	return c.open(ctx, func(k *keyring.Keyring) error {
		o, err := k.RevokeOwner(ctx, c.ID, c.Force)
		if err != nil {
			return err
		}
		return c.print(out.stdout, showOwnerKey(o), fmt.Sprintf("%s of account %s is revoked: its secret never works again.\n", o.ID, o.Account))
	})
}
