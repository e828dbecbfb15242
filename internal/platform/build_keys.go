package platform

import (
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// credential reads what a key is: a minted secret, or a username and a password.
func (b *builder) credential(block *platformBlock) {
	b.p.IDs = IDsOpaque
	if block.IDs != nil {
		b.p.IDs = *block.IDs
	}
	if b.p.IDs != IDsOpaque && b.p.IDs != IDsNumber {
		b.fault(block.Range, "Invalid ids", "It must be %q or %q; ids that stand in the secret come from its id_length.", IDsOpaque, IDsNumber)
	}
	switch {
	case block.Secret == nil && block.Password == nil:
		b.fault(block.Range, "Missing secret block", "Add a secret block, or a password block where people choose their passwords.")
	case block.Secret != nil && block.Password != nil:
		b.fault(block.Password.Range, "Secret and password", "A platform has a secret block or a password block; remove one.")
	case block.Secret != nil:
		b.secret(block.Secret, block.IDs != nil)
	default:
		b.password(block.Password)
	}
}

func (b *builder) secret(s *secretBlock, ids bool) {
	b.p.Secret = secret.Format{Prefix: s.Prefix, Alphabet: s.Alphabet, IDLength: s.IDLength, Length: s.Length, Checksum: s.Checksum}
	if err := b.p.Secret.Check(); err != nil {
		b.fault(s.Range, "Invalid secret format", "The %v.", err)
	}
	if s.IDLength == 0 {
		return
	}
	b.p.IDs = IDsInSecret
	if ids {
		b.fault(s.Range, "Invalid id_length", "The ids of keys are a part of their secrets; remove ids, or id_length.")
	}
}

func (b *builder) password(p *passwordBlock) {
	const shortest, longest = 8, 128
	for _, part := range [][2]string{{"username_prefix", p.UsernamePrefix}, {"username_suffix", p.UsernameSuffix}} {
		name, text := part[0], part[1]
		if text == "" || len(text) > 64 || strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || r == ':' }) {
			b.fault(p.Range, "Invalid "+name, "It must be 1 to 64 visible ASCII characters without \":\", which ends the username in HTTP Basic.")
		}
	}
	if p.MinLength < shortest || p.MinLength > longest {
		b.fault(p.Range, "Invalid min_length", "It must be %d to %d characters, not %d.", shortest, longest, p.MinLength)
	}
	if p.LockAfter < 0 {
		b.fault(p.Range, "Invalid lock_after", "It is how many wrong passwords in a row lock the user; 0 for never, not %d.", p.LockAfter)
	}
	rules := &PasswordRules{
		UsernamePrefix: p.UsernamePrefix,
		UsernameSuffix: p.UsernameSuffix,
		MinLength:      p.MinLength,
		NotOnlyLetters: p.NotOnlyLetters == nil || *p.NotOnlyLetters,
		LockAfter:      p.LockAfter,
	}
	for _, word := range p.Forbidden {
		if strings.TrimSpace(word) == "" {
			b.fault(p.Range, "Invalid forbidden", "An empty word is in every password; remove it.")
		}
		rules.Forbidden = append(rules.Forbidden, strings.ToLower(word))
	}
	b.p.Password = rules
}

func (b *builder) keys(k *keysBlock) {
	overlap, err := time.ParseDuration(k.MaxOverlap)
	if err != nil || overlap < 0 {
		b.fault(k.Range, "Invalid max_overlap", "It must be a duration such as \"720h\" or \"0s\", not %q.", k.MaxOverlap)
	}
	if overlap > 0 && !k.Rotate {
		b.fault(k.Range, "Invalid max_overlap", "Without rotate there is no overlap; write \"0s\".")
	}
	b.p.Keys = KeyRules{
		NameRequired: k.NameRequired == nil || *k.NameRequired,
		UniqueNames:  k.UniqueNames,
		EditScopes:   k.EditScopes,
		Expiry:       k.Expiry,
		Disable:      k.Disable,
		Rotate:       k.Rotate,
		MaxOverlap:   overlap,
		OwnerOnly:    k.OwnerOnly,
		Limit:        b.limit(k.Range, "limit", k.Limit),
	}
	if k.UniqueNames && !b.p.Keys.NameRequired {
		b.fault(k.Range, "Invalid unique_names", "Keys without a name would all have the same one; set name_required, or unique_names to false.")
	}
	if k.EditScopes && k.FixedScopes != nil {
		b.fault(k.Range, "Invalid fixed_scopes", "Scopes that are the same for every key cannot be edited; set edit_scopes to false, or leave fixed_scopes out.")
	}
}

// limit reads a limit that may be left out for none.
func (b *builder) limit(at hcl.Range, name string, n *int) *int {
	if n != nil && *n < 1 {
		b.fault(at, "Invalid "+name, "It must be at least 1, not %d; leave it out for no limit.", *n)
	}
	return n
}

// fixedScopes reads what every key holds, where nobody chooses it.
func (b *builder) fixedScopes(block *platformBlock) {
	b.p.Keys.FixedScopes = b.fixed(block.Keys.Range, block.Keys.FixedScopes)
	if block.Subaccounts != nil {
		b.p.Subaccounts.FixedScopes = b.fixed(block.Subaccounts.Range, block.Subaccounts.FixedScopes)
	}
}

func (b *builder) fixed(at hcl.Range, names *[]string) *[]string {
	if names == nil {
		return nil
	}
	b.together(at, "Invalid fixed_scopes", *names)
	sorted := scope.Normal(*names)
	return &sorted
}

// together checks that one key may hold the scopes.
func (b *builder) together(at hcl.Range, summary string, names []string) {
	for _, err := range split(b.p.Scopes.Check(names)) {
		b.fault(at, summary, "The %v.", err)
	}
	if classes := b.p.Scopes.Classes(names); len(classes) > 1 {
		b.fault(at, summary, "They are of the classes %s; no key holds scopes of two.", strings.Join(slices.Collect(quoted(classes)), " and "))
	}
}
