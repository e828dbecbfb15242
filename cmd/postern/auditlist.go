package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/postern-dev/terraform-provider-postern/client/api"
	"github.com/postern-dev/terraform-provider-postern/internal/httpapi"
	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

type auditListCommand struct {
	auditFlags
	Actor   string `help:"Only what this key or credential did, by its id, or operator for what was done on this machine." placeholder:"ID" env:"-"`
	Target  string `help:"Only what was done to this, by its id." placeholder:"ID" env:"-"`
	Action  string `help:"Only this action, such as apikey.create; with a dot at its end, such as apikey., all that begin so." env:"-"`
	Outcome string `help:"Only what was allowed, or only what was denied." placeholder:"allowed|denied" env:"-"`
	Since   string `help:"Only from this time on: as in RFC 3339, or how long ago, such as 24h." placeholder:"TIME" env:"-"`
	Until   string `help:"Only before this time, written as --since." placeholder:"TIME" env:"-"`
	Limit   int    `help:"The most records to print; 0 prints all." default:"0" env:"-"`
	JSON    bool   `help:"Print one JSON object a line, for a program." env:"-"`
}

// Run prints records, account by account, as it reads them.
func (c *auditListCommand) Run(ctx context.Context, out *output) error {
	filter, err := c.filter(time.Now())
	if err != nil {
		return err
	}
	return c.open(ctx, func(trail *server.OpenTrail, accounts []keyring.Account) error {
		left := c.Limit
		for _, a := range accounts {
			if err := c.list(ctx, out.stdout, trail, a, filter, &left); err != nil {
				return asFlags(err)
			}
			if c.Limit > 0 && left == 0 {
				break
			}
		}
		return nil
	})
}

func (c *auditListCommand) filter(now time.Time) (keyring.AuditFilter, error) {
	f := keyring.AuditFilter{Actor: c.Actor, Target: c.Target, Action: c.Action, Outcome: c.Outcome}
	if c.Limit < 0 {
		return f, errors.New("--limit must not be negative; 0 prints all")
	}
	var err error
	if f.Since, err = moment("--since", c.Since, now); err != nil {
		return f, err
	}
	f.Until, err = moment("--until", c.Until, now)
	return f, err
}

// moment reads a time, or how long ago one was.
func moment(flag, text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("%s %q is no time; write it as 2030-01-31T12:00:00Z, or how long ago it was, such as 24h", flag, text)
	}
	return at, nil
}

// list prints the records of one account, and counts left down where there is a
// limit.
func (c *auditListCommand) list(ctx context.Context, w io.Writer, trail *server.OpenTrail, a keyring.Account, filter keyring.AuditFilter, left *int) error {
	for first := true; ; { // until a page has records
		filter.Limit = api.MaxPageSize
		if c.Limit > 0 {
			filter.Limit = min(*left, api.MaxPageSize)
		}
		page, next, err := trail.AuditEvents(ctx, a.ID, filter)
		if err != nil {
			return err
		}
		if err := c.print(w, a, page, first); err != nil {
			return err
		}
		first = first && len(page) == 0
		*left -= len(page)
		if filter.Cursor = next; next == "" || c.Limit > 0 && *left == 0 {
			return nil
		}
	}
}

// listedEvent is one record in JSON.
type listedEvent struct {
	AccountID string `json:"account_id"`
	api.AuditEvent
}

func (c *auditListCommand) print(w io.Writer, a keyring.Account, page []keyring.AuditEvent, first bool) error {
	var text strings.Builder
	lines := json.NewEncoder(&text)
	if first && len(page) > 0 && !c.JSON {
		fmt.Fprintf(&text, "Account %s (%s):\n", a.ID, plain(a.Name))
	}
	for _, e := range page {
		if !c.JSON {
			text.WriteString(auditLine(e))
			continue
		}
		if err := lines.Encode(listedEvent{e.Account, httpapi.AuditEvent(e)}); err != nil {
			return fmt.Errorf("audit record %d of account %s cannot be shown as JSON, so it is not as it was written; run: postern audit verify", e.Seq, e.Account)
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// auditLine is one record for people: what is short stands in columns.
func auditLine(e keyring.AuditEvent) string {
	outcome, target := e.Outcome, e.Target
	if e.Code != "" {
		outcome += " (" + e.Code + ")"
	}
	if target == "" {
		target = "-"
	}
	by := e.ActorKind
	if e.Actor != "" {
		by += " " + e.Actor
	}
	if e.Address != "" {
		by += " from " + e.Address
	}
	if e.RequestID != "" {
		by += ", request " + e.RequestID
	}
	return fmt.Sprintf("%5d  %s  %-20s  %-25s  %s, by %s: %s\n", e.Seq, e.At.Format("2006-01-02T15:04:05.000Z"),
		plain(e.Action), plain(target), plain(outcome), plain(by), plain(string(e.Detail)))
}

// plain keeps what was put into the database by other hands from steering the
// terminal.
func plain(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return text
	}
	return strconv.QuoteToGraphic(text)
}
