package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/keyring"
	"github.com/postern-dev/terraform-provider-postern/internal/server"
)

// existingFlags say where the data is, for commands that work on what there is.
// They go to the folder directly, so whoever may read it may do all of this, and
// a server that runs on the same folder sees it at its next request.
type existingFlags struct {
	DataDir      string   `help:"The data folder. It must be there; a server may be running on it." default:"./postern-data"`
	PepperFile   string   `help:"The key under which secrets are digested; the default is in the data folder." placeholder:"FILE"`
	PlatformFile []string `help:"A platform of your own, as serve has it; repeat it for more. Only account create needs it, for an account on it." placeholder:"FILE"`
	insecureFlag
	JSON bool `help:"Print one JSON value, for a program." env:"-"`
}

// open runs fn on the data folder.
func (f existingFlags) open(ctx context.Context, fn func(*keyring.Keyring) error) (err error) {
	data, err := server.OpenExisting(ctx, server.Data{Dir: f.DataDir, PepperFile: f.PepperFile, PlatformFiles: f.PlatformFile, InsecureFileModes: f.InsecureFileModes})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()
	return fn(data.Keyring)
}

// print writes the value as JSON, or the text for people.
func (f existingFlags) print(w io.Writer, value any, text string) error {
	if f.JSON {
		return json.NewEncoder(w).Encode(value)
	}
	_, err := io.WriteString(w, text)
	return err
}

// table aligns rows of cells. An empty cell is a dash, so that columns can be
// counted.
func table(head []string, rows [][]string) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{head}, rows...) {
		for i, cell := range row {
			if i > 0 {
				_, _ = w.Write([]byte("\t")) // a Builder takes everything
			}
			if cell == "" {
				cell = "-"
			}
			_, _ = w.Write([]byte(cell))
		}
		_, _ = w.Write([]byte("\n"))
	}
	_ = w.Flush()
	return text.String()
}

func shownTime(t time.Time) string { return t.Format(time.RFC3339) }

// theAccount is the account that was named, or the only one.
func theAccount(ctx context.Context, k *keyring.Keyring, id string) (string, error) {
	if id != "" {
		return id, nil
	}
	all, err := k.Accounts(ctx)
	if err != nil {
		return "", err
	}
	switch len(all) {
	case 0:
		return "", errors.New("there is no account yet; make one with: postern account create")
	case 1:
		return all[0].ID, nil
	}
	var names []string
	for _, a := range all[:min(len(all), 5)] {
		names = append(names, fmt.Sprintf("%s (%s)", a.ID, a.Name))
	}
	if len(all) > len(names) {
		names = append(names, "and others, see: postern account list")
	}
	return "", fmt.Errorf("there are %d accounts; name one with --account: %s", len(all), strings.Join(names, ", "))
}

// unprinted says what to do when a secret was made and nobody has seen it.
func unprinted(account, id, file string, err error) error {
	switch {
	case err == nil:
		return nil
	case file != "":
		return fmt.Errorf("the credential %s was made and is in %s, but that could not be printed: %w", id, file, err)
	}
	return fmt.Errorf("the credential %s was made, but could not be printed and is lost: %w; "+
		"make another with \"postern owner-key create --account %s\", then run \"postern owner-key revoke %s\"", id, err, account, id)
}
