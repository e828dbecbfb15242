// Package platform holds the rules of each kind of e-mail service: its key
// format, its scopes, what may change, its limits and its answers. The rules
// are data, one HCL file a platform; no other code knows a platform's name.
package platform

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
	"github.com/postern-dev/terraform-provider-postern/internal/secret"
)

// Platform is one kind of service. It never changes after it was read.
type Platform struct {
	Name        string
	Title       string
	IDs         string        // how the ids of keys are written: IDsOpaque, IDsInSecret or IDsNumber
	Secret      secret.Format // of minted secrets; the zero value where Password is set
	Password    *PasswordRules
	Keys        KeyRules
	Subaccounts *SubaccountRules // nil where the platform has none
	Plans       map[string]Plan
	DefaultPlan string // empty where the platform has no plans
	Requests    RequestRules
	Attempts    *AttemptRules // nil where no address is ever blocked
	Scopes      *scope.Catalogue
	OpenScopes  bool // accounts may define scopes of their own
	Automatic   AutomaticScopes
	Groups      []Group  // by name; levels that a key may be asked for by
	Presets     []Preset // by name

	levels  map[string]string   // scope name -> LevelRead or LevelFull
	rights  map[string][]string // scope name -> rights
	answers map[string]string   // verification code -> body
}

// KeyRules says what the platform allows for its keys.
type KeyRules struct {
	NameRequired bool          // every key has a name
	UniqueNames  bool          // no two keys of an account, or of one sub-account, have the same name
	EditScopes   bool          // scopes may change after the key was made
	Expiry       bool          // keys may have an expires_at
	Disable      bool          // keys may be turned off and on
	Rotate       bool          // a key may get a new secret under its id
	MaxOverlap   time.Duration // the longest overlap of a rotation; 0 for none at all
	OwnerOnly    bool          // only an owner credential manages the keys of its own account; those of sub-accounts go by rights
	FixedScopes  *[]string     // what every key holds, sorted; nil where the scopes are chosen. Empty where keys have no scopes at all
	Limit        *int          // the most keys of an account, when its plan sets none; nil for no limit
}

// SubaccountRules says what the platform allows for its sub-accounts.
type SubaccountRules struct {
	Handle      *regexp.Regexp // what a handle must be, from its first character to its last
	HandleWords string         // the same in words, such as "3 to 128 lower case letters and digits"
	Generate    bool           // a handle may be left out and is then made at random
	Limit       *int           // the most sub-accounts of an account; nil for no limit
	KeyLimit    *int           // the most keys of a sub-account; nil for no limit
	FixedScopes *[]string      // what every key of a sub-account holds; nil where it is as for the account's own keys
	SendLimits  bool           // a sub-account may have a limit of messages of its own
}

// RequestRules limit how often the keys of one account, its sub-accounts' included,
// may be used.
type RequestRules struct {
	PerHour *int // nil for no limit; hours begin with the clock's, in UTC
}

// AttemptRules block an address from which too many keys were refused as not valid.
type AttemptRules struct {
	Failures int           // so many,
	Within   time.Duration // within this time,
	Block    time.Duration // block the address for so long
}

// Plan is what an account has bought.
type Plan struct {
	APIKeys         *int // the most API keys; nil for the platform's own limit
	MonthlyRequests *int // nil for no limit; months begin with the calendar's, in UTC
}

// AutomaticScopes are those that the service adds to keys by itself. Nobody asks
// for them and no key is judged by them.
type AutomaticScopes struct {
	Names []string // all that it may add, sorted
	Added []string // those that it adds to every key, sorted
}

// The levels at which a group of scopes may be asked for.
const (
	LevelNone = "none"
	LevelRead = "read"
	LevelFull = "full"
)

// Group is a set of scopes that can be asked for by level.
type Group struct {
	Name  string
	Title string
	Read  []string // what LevelRead gives, sorted; may be empty
	Full  []string // what LevelFull gives, Read included, sorted
}

// Preset is the set of scopes for one use.
type Preset struct {
	Name        string
	Description string
	Scopes      []string // sorted
}

// Level returns at which level of its group the scope is: LevelRead, LevelFull, or
// "" where the platform has no levels.
func (p *Platform) Level(name string) string { return p.levels[name] }

// KeysOf returns the rules for the keys of an account, or for those of its
// sub-accounts.
func (p *Platform) KeysOf(subaccount bool) KeyRules {
	rules := p.Keys
	if subaccount && p.Subaccounts != nil {
		rules.Limit = p.Subaccounts.KeyLimit
		if p.Subaccounts.FixedScopes != nil {
			rules.FixedScopes = p.Subaccounts.FixedScopes
			rules.EditScopes = false
		}
	}
	return rules
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
// the verification, in the platform's own shape. A refusal that the platform
// has no words for is answered with those of the nearest one.
func (p *Platform) Answer(code, missingScope string, retryAfter time.Duration) []byte {
	text, ok := p.answers[code]
	if !ok {
		text = p.answers[answerInstead[code]]
	}
	quoted, err := json.Marshal(missingScope)
	if err != nil {
		quoted = []byte(`""`) // a string always encodes
	}
	seconds := strconv.FormatInt(int64(retryAfter/time.Second), 10)
	return []byte(strings.NewReplacer("{scope}", string(quoted[1:len(quoted)-1]), "{seconds}", seconds).Replace(text))
}
