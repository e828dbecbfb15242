package main

import (
	"context"
	"errors"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

type auditCommand struct {
	List   auditListCommand   `cmd:"" help:"Print the audit trail: every write, and every attempt that was denied, oldest first."`
	Verify auditVerifyCommand `cmd:"" help:"Prove that no audit record was changed, added or removed, and name the first broken one."`
}

// auditFlags say which trails are meant. They are read straight from the
// database, so neither the pepper nor a running server is needed.
type auditFlags struct {
	DataDir string `help:"The data folder, or a folder with a copy of its database. It must be there; a server may be running on it." default:"./postern-data"`
	Account string `help:"Only this account's trail, by its id." placeholder:"ID" env:"-"`
}

// open runs fn on the trails and the accounts that are meant.
func (f auditFlags) open(ctx context.Context, fn func(*server.OpenTrail, []keyring.Account) error) (err error) {
	trail, err := server.OpenAudit(ctx, f.DataDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, trail.Close()) }()
	if f.Account == "" {
		all, err := trail.Accounts(ctx)
		if err != nil {
			return err
		}
		return fn(trail, all)
	}
	one, err := trail.Account(ctx, f.Account)
	if err != nil {
		return err
	}
	return fn(trail, []keyring.Account{one})
}

// asFlags gives an error about fields of a filter the names of the flags.
func asFlags(err error) error {
	refusal := &keyring.Error{}
	if !errors.As(err, &refusal) || len(refusal.Fields) == 0 {
		return err
	}
	var faults []string
	for _, f := range refusal.Fields {
		faults = append(faults, "--"+f.Field+" "+f.Message)
	}
	return errors.New(strings.Join(faults, "; "))
}
