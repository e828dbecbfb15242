package main

import (
	"regexp"
	"strings"
	"unicode"
)

// hidden stands where a message would repeat what may be a secret.
const hidden = "(not repeated: it looks like a secret)"

var (
	// word is a run of the characters that secrets are made of, long enough for one.
	word = regexp.MustCompile(`[0-9A-Za-z_.+=-]{24,}`)
	// minted is a secret by its form: ptn_owner_..., acme_... and SG. with two parts.
	minted = regexp.MustCompile(`^-*([a-z]{2,}_([a-z]+_)?[0-9A-Za-z]{24,}|SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{24,})$`)
	// ident is an id of Postern, which a message may name.
	ident = regexp.MustCompile(`^[a-z]{1,8}_[0-9A-Za-z]{20}$`)
)

// hideSecrets keeps a message from repeating a credential that was given in the wrong
// place. A secret by its form is hidden anywhere. What only looks random, as it mixes
// large and small letters and digits, is left where it is a part of a path.
func hideSecrets(message string) string {
	var text strings.Builder
	last := 0
	for _, at := range word.FindAllStringIndex(message, -1) {
		found := message[at[0]:at[1]]
		trimmed := strings.TrimRight(found, ".")
		inPath := at[0] > 0 && strings.ContainsRune(`/\`, rune(message[at[0]-1])) || at[1] < len(message) && strings.ContainsRune(`/\`, rune(message[at[1]]))
		text.WriteString(message[last:at[0]])
		last = at[1]
		if minted.MatchString(trimmed) || !inPath && isMixed(trimmed) && !ident.MatchString(trimmed) {
			text.WriteString(hidden)
			continue
		}
		text.WriteString(found)
	}
	return text.String() + message[last:]
}

// isMixed reports whether the text has large and small letters and digits, as what was
// made at random has.
func isMixed(text string) bool {
	return strings.ContainsFunc(text, unicode.IsUpper) && strings.ContainsFunc(text, unicode.IsLower) && strings.ContainsFunc(text, unicode.IsDigit)
}
