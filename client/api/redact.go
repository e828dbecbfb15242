package api

import (
	"fmt"
	"log/slog"
)

// redacted is what stands for a secret wherever a value that holds one is printed.
const redacted = "[secret]"

// Values that hold a secret print without it, under every verb of package fmt and in
// package log/slog, also where they stand in slices, maps, pointers and exported fields of
// other structs. Two ways show it, because they must: the field itself, and JSON, which is
// what goes over the wire. So hand such a value to slog itself and not a struct around
// it, which slog's JSON handler encodes as JSON; and never write json.Marshal of one to
// a log. Package fmt calls no method on what stands in an unexported field, and none
// where a verb does not fit, as %p, or %s of a pointer to a struct of one's own around such
// a value; go vet finds these.

func hide(secret string) string {
	if secret == "" {
		return ""
	}
	return redacted
}

// format prints what holds no secret any more as the verb asks for.
func format(to fmt.State, verb rune, hidden any) {
	_, _ = fmt.Fprintf(to, fmt.FormatString(to, verb), hidden)
}

// Types of the same fields and without methods, so that printing them comes to an end.
type (
	issuedAPIKey  IssuedAPIKey
	createAPIKey  CreateAPIKey
	rotateAPIKey  RotateAPIKey
	verifyRequest VerifyRequest
)

type page[T any] Page[T]

// Format prints the page; items that hold a secret print without it.
func (p Page[T]) Format(to fmt.State, verb rune) { format(to, verb, page[T](p)) }

func (k IssuedAPIKey) hidden() issuedAPIKey {
	k.Secret = hide(k.Secret)
	return issuedAPIKey(k)
}

// Format prints the key without its secret.
func (k IssuedAPIKey) Format(to fmt.State, verb rune) { format(to, verb, k.hidden()) }

// LogValue is the key without its secret.
func (k IssuedAPIKey) LogValue() slog.Value { return slog.AnyValue(k.hidden()) }

func (k CreateAPIKey) hidden() createAPIKey {
	k.Secret = hide(k.Secret)
	return createAPIKey(k)
}

// Format prints the request without the secret that the caller chose.
func (k CreateAPIKey) Format(to fmt.State, verb rune) { format(to, verb, k.hidden()) }

// LogValue is the request without the secret that the caller chose.
func (k CreateAPIKey) LogValue() slog.Value { return slog.AnyValue(k.hidden()) }

func (k RotateAPIKey) hidden() rotateAPIKey {
	k.Secret = hide(k.Secret)
	return rotateAPIKey(k)
}

// Format prints the request without the secret that the caller chose.
func (k RotateAPIKey) Format(to fmt.State, verb rune) { format(to, verb, k.hidden()) }

// LogValue is the request without the secret that the caller chose.
func (k RotateAPIKey) LogValue() slog.Value { return slog.AnyValue(k.hidden()) }

func (r VerifyRequest) hidden() verifyRequest {
	r.Secret = hide(r.Secret)
	return verifyRequest(r)
}

// Format prints the request without the secret that it asks about.
func (r VerifyRequest) Format(to fmt.State, verb rune) { format(to, verb, r.hidden()) }

// LogValue is the request without the secret that it asks about.
func (r VerifyRequest) LogValue() slog.Value { return slog.AnyValue(r.hidden()) }
