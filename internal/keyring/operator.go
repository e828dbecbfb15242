package keyring

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// missing is the error for what the operator has named and is not there.
type missing struct{ text string }

func (m missing) Error() string { return m.text }

// Unwrap makes it an ErrNotFound, without its words.
func (m missing) Unwrap() error { return ErrNotFound }

// notThere names what is not there, with the nearest that is, or with all when
// they are few. What cannot be an id is not repeated: it could be a secret.
func notThere(kind, id string, known []string, hint string) error {
	const few = 5
	text := "what was given is no id of an " + kind
	if isID(id) {
		text = "there is no " + kind + " " + id
	}
	switch nearest := scope.Nearest(id, known); {
	case nearest != "":
		text += "; the nearest is " + nearest
	case len(known) > 0 && len(known) <= few:
		text += "; known are " + strings.Join(known, ", ")
	default:
		text += "; " + hint
	}
	return missing{text}
}

// findAccount returns the account that the operator has named.
func findAccount(ctx context.Context, r Reader, id string) (Account, error) {
	a, err := r.Account(ctx, id)
	if !errors.Is(err, ErrNotFound) {
		return a, err
	}
	all, err := r.Accounts(ctx)
	if err != nil {
		return Account{}, err
	}
	var known []string
	for _, a := range all {
		known = append(known, a.ID)
	}
	return Account{}, notThere("account", id, known, "see: postern account list")
}

// findOwner returns the credential that the operator has named, in whichever
// account it is.
func findOwner(ctx context.Context, r Reader, id string) (Owner, error) {
	o, err := r.Owner(ctx, id)
	if !errors.Is(err, ErrNotFound) {
		return o, err
	}
	accounts, err := r.Accounts(ctx)
	if err != nil {
		return Owner{}, err
	}
	var known []string
	for _, a := range accounts {
		owners, err := r.Owners(ctx, a.ID)
		if err != nil {
			return Owner{}, err
		}
		for _, o := range owners {
			known = append(known, o.ID)
		}
	}
	return Owner{}, notThere("owner key", id, known, "see: postern owner-key list")
}

// unknownWord refuses a word that is not among the known ones, and names the
// nearest.
func unknownWord(kind, word string, known []string) error {
	hint := ""
	if nearest := scope.Nearest(word, known); nearest != "" {
		hint = fmt.Sprintf("the nearest is %q; ", nearest)
	}
	return fmt.Errorf("%s %q is not known; %suse one of %s", kind, word, hint, strings.Join(known, ", "))
}
