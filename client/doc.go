// Package client is the typed Go client of Postern, the service that issues,
// limits, rotates, revokes and verifies API keys.
//
// # Start
//
// A client belongs to one account, the one that its credential is of. Make one
// and share it between goroutines:
//
//	c, err := client.New("https://keys.example.com", os.Getenv("POSTERN_CREDENTIAL"))
//	if err != nil {
//		return err
//	}
//	issued, err := c.APIKeys.Create(ctx, api.CreateAPIKey{Name: "ci", Scopes: []string{"apikeys:read"}})
//	if err != nil {
//		return err
//	}
//	store(issued.Secret.Reveal()) // shown here and never again
//
// What goes over the wire is in the package client/api. Which scopes there are
// depends on the account's platform; c.Scopes.All lists them.
//
// # Secrets
//
// A secret is an [api.Secret], which prints as "(secret)" wherever it is part of what is
// printed, logged or encoded as JSON. Its Reveal method gives the text, and
// [api.NewSecret] makes one of a text.
//
// # Sub-accounts
//
// The keys of a sub-account have a service with the very same methods:
//
//	sub, err := c.Subaccounts.Create(ctx, api.CreateSubaccount{Handle: "acme", Name: "Acme"})
//	keys := c.Subaccounts.APIKeys(sub.Handle)
//	issued, err := keys.Create(ctx, api.CreateAPIKey{Name: "mailer", Scopes: []string{"mail.send"}})
//
// # Passwords
//
// On some platforms a key is an API user: the service makes the username, the caller
// chooses the password and sends it as the Secret of a Create or Rotate. No answer
// and no error repeats it. api.KeyRules.Password, in c.Account.Get, says where.
//
// # Lists
//
// List returns one page, All goes through all of them and asks for a page only
// when it gets there:
//
//	for key, err := range c.APIKeys.All(ctx, client.ListAPIKeys{NamePrefix: "ci-"}) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(key.Name, key.EffectiveScopes)
//	}
//
// # Changes
//
// What an update leaves out stays as it is. IfMatch makes a write happen only if
// nobody has changed the key since it was read:
//
//	key, err = c.APIKeys.Update(ctx, key.ID, api.UpdateAPIKey{Enabled: new(bool)}, client.IfMatch(key.Revision))
//	issued, err = c.APIKeys.Rotate(ctx, key.ID, api.RotateAPIKey{Overlap: "24h"})
//	err = c.APIKeys.Delete(ctx, key.ID)
//
// # Errors
//
// An *Error is an answer that says no; its Code is stable and its RequestID
// leads to the server's log. A *ConnectionError is no answer at all. Both work
// with errors.Is, and no error shows a credential, a secret or a query:
//
//	switch {
//	case errors.Is(err, client.ErrNotFound):  // there is no such key
//	case errors.Is(err, client.ErrStale):     // changed meanwhile: read it again
//	case errors.Is(err, client.ErrUncertain): // a write failed, but may be done
//	}
//
// # Time and retries
//
// The context bounds a whole call; WithTimeout bounds one attempt (30 seconds).
// A call is tried again, 5 times unless WithMaxRetries says otherwise, after a
// broken connection, an attempt that took too long, and the statuses 429, 502,
// 503 and 504. It waits longer each time, at random up to 30 seconds, and on top
// of that as long as Retry-After asks. Where that is more than 5 minutes or more
// than the context has left, the call fails at once and its error names the wait.
//
// Writes are tried again too, and happen once all the same: Create and Rotate of keys
// carry an idempotency key, under which the server repeats its first answer, secret
// and all. The other writes say themselves what a lost answer means. One is never
// repeated after a lost answer: the Create of a sub-account without a handle.
//
// # What the client never does
//
// It follows no redirect, keeps no cookie, writes no log and sends the credential
// to no other host. It refuses plain http to other machines.
//
// # Compatibility
//
// Programs that compile with a release compile with all later ones of the same
// major version, and errors.Is and Code keep their meaning. Structs and option
// interfaces may gain fields and implementations, so name the fields of struct
// literals and do not compare structs with ==. Servers may send fields, codes and
// statuses of keys that are newer than the client: unknown fields are ignored,
// and unknown values are handed on as they are. The texts of errors may change.
// No type of the HTTP library underneath appears in this API.
package client
