package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

type auditVerifyCommand struct {
	auditFlags
	ExpectHead string `help:"The head that an earlier run printed and someone kept elsewhere: proves that all up to it is still there. Without one, nothing shows that the newest records were cut off." placeholder:"SEQ:HASH" env:"-"`
	JSON       bool   `help:"Print one JSON value, for a program." env:"-"`
}

// verified is what verify --json prints.
type verified struct {
	Holds    bool              `json:"holds"`
	Accounts []verifiedAccount `json:"accounts"`
}

type verifiedAccount struct {
	AccountID    string `json:"account_id"`
	Holds        bool   `json:"holds"`
	Records      int64  `json:"records"`                 // those before the broken one, when it does not hold
	Trimmed      int64  `json:"trimmed"`                 // older ones that the retention removed
	Head         string `json:"head"`                    // for --expect-head; empty when it does not hold
	ExpectedHead string `json:"expected_head,omitempty"` // found or trimmed, when there was one
	BrokenRecord int64  `json:"broken_record,omitempty"`
	Problem      string `json:"problem,omitempty"`
}

// Run verifies each account's trail, and fails when one of them does not hold.
func (c *auditVerifyCommand) Run(ctx context.Context, out *output) error {
	expect, err := parseHead(c.ExpectHead)
	if err != nil {
		return err
	}
	return c.open(ctx, func(trail *server.OpenTrail, accounts []keyring.Account) error {
		if expect != nil && len(accounts) != 1 {
			return fmt.Errorf("--expect-head is about one trail, and there are %d accounts; name one with --account", len(accounts))
		}
		all := verified{Holds: true, Accounts: []verifiedAccount{}}
		var faults []error
		for _, a := range accounts {
			proof, err := trail.VerifyAudit(ctx, a.ID, expect)
			var broken *keyring.BrokenAudit
			if err != nil && !errors.As(err, &broken) {
				return err
			}
			all.Accounts = append(all.Accounts, verdict(a.ID, proof, expect, broken))
			if broken != nil {
				all.Holds = false
				faults = append(faults, broken)
			}
		}
		return errors.Join(append([]error{c.print(out.stdout, all)}, faults...)...)
	})
}

// parseHead reads a head; it returns nil when there is none.
func parseHead(text string) (*keyring.AuditPosition, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // none is expected
	}
	number, digits, _ := strings.Cut(text, ":")
	seq, err := strconv.ParseInt(number, 10, 64)
	hash, hashErr := hex.DecodeString(digits)
	if err != nil || hashErr != nil || seq < 1 || len(hash) != 32 {
		return nil, errors.New("--expect-head is not a head; write it as SEQ:HASH, as an earlier run of postern audit verify has printed it")
	}
	return &keyring.AuditPosition{Seq: seq, Hash: hash}, nil
}

func verdict(account string, proof keyring.AuditProof, expect *keyring.AuditPosition, broken *keyring.BrokenAudit) verifiedAccount {
	v := verifiedAccount{AccountID: account, Holds: broken == nil, Records: proof.Records, Trimmed: proof.Trimmed}
	if broken != nil {
		v.BrokenRecord, v.Problem = broken.Seq, broken.Error()
		return v
	}
	v.Head = fmt.Sprintf("%d:%x", proof.Head.Seq, proof.Head.Hash)
	if expect != nil {
		v.ExpectedHead = "found"
		if proof.ExpectedTrimmed {
			v.ExpectedHead = "trimmed"
		}
	}
	return v
}

// print says what holds. What does not is the command's error.
func (c *auditVerifyCommand) print(w io.Writer, all verified) error {
	if c.JSON {
		return json.NewEncoder(w).Encode(all)
	}
	var text strings.Builder
	for _, v := range all.Accounts {
		if !v.Holds {
			continue
		}
		fmt.Fprintf(&text, "Account %s: the trail holds, records %d to %d.", v.AccountID, v.Trimmed+1, v.Trimmed+v.Records)
		if v.Trimmed > 0 {
			text.WriteString(" The older ones were trimmed.")
		}
		switch v.ExpectedHead {
		case "found":
			text.WriteString(" The expected head is in it as it was.")
		case "trimmed":
			text.WriteString(" The expected head was trimmed since, so it could not be compared.")
		}
		fmt.Fprintf(&text, "\n  head %s\n", v.Head)
	}
	_, err := io.WriteString(w, text.String())
	return err
}
