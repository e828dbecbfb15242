// Package platform holds the rules of each kind of e-mail service: its key
// format, its scopes, what may change, its limits and its answers. The rules
// are data, one HCL file a platform; no other code knows a platform's name.
package platform

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// Rights that the management API asks for. A platform file maps scopes to them;
// an owner credential has them all.
const (
	RightAPIKeysRead      = "apikeys:read"
	RightAPIKeysWrite     = "apikeys:write"
	RightAuditRead        = "audit:read"
	RightScopesWrite      = "scopes:write"
	RightSubaccountsRead  = "subaccounts:read"
	RightSubaccountsWrite = "subaccounts:write"
	RightVerify           = "verify"
)

// Rights returns every right, sorted.
func Rights() []string {
	return []string{RightAPIKeysRead, RightAPIKeysWrite, RightAuditRead, RightScopesWrite, RightSubaccountsRead, RightSubaccountsWrite, RightVerify}
}

// Platform is one kind of service. It never changes after it was read.
type Platform struct {
	Name        string
	Title       string
	Secret      secret.Format
	Keys        KeyRules
	Plans       map[string]Plan
	DefaultPlan string // empty where the platform has no plans
	Scopes      *scope.Catalogue
	rights      map[string][]string // scope name -> rights
	answers     map[string]string   // verification code -> body
}

// KeyRules says what the platform allows for its keys.
type KeyRules struct {
	UniqueNames bool          // no two keys of an account have the same name
	EditScopes  bool          // scopes may change after the key was made
	Expiry      bool          // keys may have an expires_at
	Disable     bool          // keys may be turned off and on
	MaxOverlap  time.Duration // the longest overlap of a rotation; 0 for none at all
}

// Plan is what an account has bought.
type Plan struct {
	APIKeys *int // the most API keys; nil for no limit
}

// Rights returns what the management API lets a holder of the effective scopes
// do, sorted.
func (p *Platform) Rights(effective []string) []string {
	var rights []string
	for _, s := range effective {
		rights = append(rights, p.rights[s]...)
	}
	return scope.Normal(rights)
}

// Answer returns the body with which a gateway refuses a caller, by the code of
// the verification, in the platform's own shape.
func (p *Platform) Answer(code, missingScope string) []byte {
	quoted, err := json.Marshal(missingScope)
	if err != nil {
		quoted = []byte(`""`) // a string always encodes
	}
	return []byte(strings.ReplaceAll(p.answers[code], "{scope}", string(quoted[1:len(quoted)-1])))
}
