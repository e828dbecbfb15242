package backend

import (
	"regexp"
	"slices"
	"time"
)

// Account is whose keys these are.
type Account struct {
	ID string // empty where the service does not tell it
	// IDNeedsRight is for a service that tells the ID to some callers and not to others.
	IDNeedsRight bool
	Platform     string
	Keys         int  // how many there are
	KeyLimit     *int // how many there may be; nil for no limit
	// Rules are those of Keys(""); for a caller of a sub-account, of its keys.
	Rules  KeyRules
	Owner  bool // the caller may grant everything
	APIKey bool // the caller is an API key itself
	// CallerID is the id of the API key that calls; empty for another credential, and where
	// the service does not tell.
	CallerID string
	Scopes   []string // what the caller may grant unless it is an owner, all that it implies included
	// GrantsUnknown is for a caller of which the service does not tell what it
	// may grant, so that no plan is checked against Scopes.
	GrantsUnknown bool
	// ExpiresAt is when the caller stops working, and the latest that what it gives may
	// end; nil for never, and where the service has no such rule.
	ExpiresAt *time.Time
	// SecretEndsAt is when the caller's secret ends, which a rotation of its key has replaced,
	// so that it cannot rotate that key again; nil for the current secret.
	SecretEndsAt *time.Time

	// Subaccount is the handle of the one that the caller is bound to; empty
	// for none.
	Subaccount string
	// Subaccounts is nil where the platform has none, and for a caller that
	// is bound to one.
	Subaccounts *SubaccountRules
}

// Needs are the scopes that an API key needs to make calls of a kind; empty where the
// service ties the call to none.
type Needs struct{ Create, Update, Delete string }

// Lacks reports whether the caller is known not to hold a scope that a call needs.
func (a Account) Lacks(need string) bool {
	return need != "" && a.APIKey && !a.Owner && !a.GrantsUnknown && !slices.Contains(a.Scopes, need)
}

// SubaccountRules is what the platform allows for sub-accounts.
type SubaccountRules struct {
	Used        int            // how many there are
	Limit       *int           // how many there may be; nil for no limit
	Handle      *regexp.Regexp // what the handle of a new one must match; those that exist may have any
	HandleWords string         // the same in words
	Generate    bool           // a handle may be left out and is then made at random
	KeyLimit    *int           // the most keys that one may have; nil for no limit
	FixedScopes *[]string      // what every key of theirs holds; nil where that is as for the account's
	KeyLimits   bool           // a sub-account may have a limit of keys of its own
	NameInState bool           // the service holds no name: it is a label in the state
	EditName    bool           // the name may change after the sub-account was made
	MinName     int            // the fewest characters of a name; 0 for no rule
	// CheckName is as that of KeyRules, for the name of a sub-account.
	CheckName  func(name string) error
	Address    bool // making one takes an email and IP addresses; where not, they are labels in the state
	SendLimits bool // a sub-account may have a limit of messages
	OnlyIPv4   bool // its IP addresses are of version 4
	Needs      Needs
}

// KeyRules are the rules for the keys of the account, or for those of its sub-accounts.
// An owner-only rule is about the place that the caller itself belongs to.
func (a Account) KeyRules(subaccount bool) KeyRules {
	rules := a.Rules
	if subaccount && a.Subaccount == "" {
		rules.OwnerOnly, rules.Unmanaged = false, ""
	}
	if s := a.Subaccounts; subaccount && s != nil && s.FixedScopes != nil {
		rules.FixedScopes, rules.EditScopes = s.FixedScopes, false
	}
	return rules
}

// LongestOverlap is how long a replaced key may live on, where a rotation makes a new key:
// the service does not bound it then, and an old secret must end some day.
const LongestOverlap = 30 * 24 * time.Hour

// KeyRules is what the platform allows for its keys.
type KeyRules struct {
	NameRequired bool // a key cannot be made without a name
	// CheckName says what is wrong with the name of a key that is to be made or renamed; nil
	// where the service has no such rule. A key that exists may have any name.
	CheckName    func(name string) error
	FixedScopes  *[]string     // what every key holds, empty where keys have none; nil where scopes are chosen
	EditScopes   bool          // the scopes of a key may change after it was made
	Expiry       bool          // keys may have an expires_at
	Disable      bool          // keys may be turned off and on
	Rotate       bool          // a key may get a new secret under its id
	MaxOverlap   time.Duration // the longest overlap of a rotation; 0 for none at all
	OwnerOnly    bool          // no API key manages these keys
	Password     bool          // a key is an API user, whose password is chosen
	ChooseSecret bool          // the secret of a key may be chosen; without Password it is minted otherwise
	// CheckSecret says what is wrong with a chosen secret and repeats none of it;
	// nil where the service does not tell before.
	CheckSecret func(text string) error

	// Replace is for a platform where a new secret is a new key: a rotation
	// makes one and deletes the old one after the overlap. Never with Rotate.
	Replace bool
	// NameInState and DescriptionInState are for a service that holds neither:
	// they are labels in the state.
	NameInState, DescriptionInState bool
	// NamesRepeat is for a service where several keys may have one name.
	NamesRepeat bool
	Needs       Needs
	// Unmanaged says, in whole sentences, why no key here can be made or seen
	// through the service, and what to do instead; empty where keys can.
	Unmanaged string
}
