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
	where := c.data()
	where.First = c.account()
	data, err := server.Open(ctx, where)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	account, credential, err := data.Initialise(ctx, c.account())
	if errors.Is(err, keyring.ErrNotFirst) {
		return fmt.Errorf("%s is initialised already; its owner credential was printed then and is not shown again; make another with: postern owner-key create", c.DataDir)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return printCredentialJSON(out.stdout, c.DataDir, account, credential)
	}
	return printCredential(out.stdout, c.DataDir, account, credential)
}
