package client

import (
	"context"
	"errors"
	"net/http"

	"github.com/postern-dev/terraform-provider-postern/client/api"
)

// What an answer proves. A proxy or a cache between here and the server can mix answers
// up, and a program that takes another key's answer for its own would go on to change or
// delete that key. So each answer must be about what was asked for.

func isKey(id string, check func(*api.APIKey) string) func(*api.APIKey) string {
	return func(key *api.APIKey) string {
		if lack := check(key); lack != "" || key.ID == id {
			return lack
		}
		return "is about another API key than the one asked for"
	}
}

func isSubaccount(handle string) func(*api.Subaccount) string {
	return func(sub *api.Subaccount) string {
		if lack := checkSubaccount(sub); lack != "" || handle == "" || sub.Handle == handle {
			return lack
		}
		return "is about another sub-account than the one asked for"
	}
}

func isScope(name string) func(*api.ScopeDetail) string {
	return func(s *api.ScopeDetail) string {
		if lack := checkScopeDetail(s); lack != "" || s.Name == name {
			return lack
		}
		return "is about another scope than the one asked for"
	}
}

// isNewKey wants a key that was just made as asked: it has the name, and nothing has
// happened to it yet.
func isNewKey(in api.CreateAPIKey) func(*api.IssuedAPIKey) string {
	return func(issued *api.IssuedAPIKey) string {
		switch lack := checkIssued(in.Secret)(issued); {
		case lack != "":
			return lack
		case issued.Name != in.Name:
			return "is about an API key of another name than the one asked for"
		case issued.Revision != 1 || issued.SecretVersion != 1:
			return "is about an API key that was not made just now"
		}
		return ""
	}
}

// isRotated wants the key that was asked for, with a secret that is not its first.
func isRotated(id string, chosen api.Secret) func(*api.IssuedAPIKey) string {
	return func(issued *api.IssuedAPIKey) string {
		switch lack := checkIssued(chosen)(issued); {
		case lack != "":
			return lack
		case issued.ID != id:
			return "is about another API key than the one asked for"
		case issued.SecretVersion < 2 || issued.Revision < 2:
			return "is about an API key that was not rotated"
		}
		return ""
	}
}

// remove runs a delete. Only 204 says that it is done: a proxy's page can come with any
// other success. A 404 is believed after a second look, by the operation that reads what
// was to be deleted. What is gone at a retry is deleted.
func (c *core) remove(ctx context.Context, o, look operation) error {
	a, err := c.do(ctx, o)
	switch {
	case err == nil && a.status != http.StatusNoContent:
		return c.unexpected(o, a, "to a delete is not 204 No Content, so that it is not known whether anything was deleted")
	case !errors.Is(err, ErrNotFound):
		return err
	}
	_, missing := c.do(ctx, look)
	switch {
	case missing == nil:
		e := &Error{Status: http.StatusNotFound, Method: o.method, Path: o.path, unexpected: true}
		e.Message = "the server says that there is nothing to delete, and shows it all the same; nothing is known to be deleted, so try again"
		e.past.uncertain = true
		return e
	case !errors.Is(missing, ErrNotFound):
		return missing
	case isGone(err):
		return nil
	}
	return err
}
