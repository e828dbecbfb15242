package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

type initCommand struct {
	dataFlags
	accountFlags
	JSON bool `help:"Print the account and its credential as JSON." env:"-"`
}

// Run makes a data folder with its first account.
func (c *initCommand) Run(ctx context.Context, out *output) (err error) {
	file := &credentialFile{path: c.CredentialFile}
	where := c.data()
	where.First = c.account()
	where.NoFirst = file.check()
	data, err := server.Open(ctx, where)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	in := c.account()
	in.Keep = file.keep
	account, credential, err := data.Initialise(ctx, in)
	err = file.undo(ctx, data.Keyring, err)
	if errors.Is(err, keyring.ErrNotFirst) {
		return fmt.Errorf("%s is initialised already; its owner credential was printed then and is not shown again; make another with: postern owner-key create", c.DataDir)
	}
	if err != nil {
		return err
	}
	return c.printCredential(out.stdout, account, credential)
}
