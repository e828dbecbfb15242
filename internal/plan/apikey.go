package plan

import (
	"time"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// APIKeyValues are the attributes of an API key, as a state holds or a plan shows them.
type APIKeyValues struct {
	Subaccount              Text // the handle; null for a key of the account itself
	ID                      Text
	AccountID               Text
	Name                    Text
	Username                Text
	Description             Text
	Scopes                  Set
	EffectiveScopes         Set
	AutomaticScopes         Set
	Enabled                 Value[bool]
	ExpiresAt               Value[Instant]
	Rotation                Value[Rotation]
	RotateWhenChanged       Map
	RotationReason          Text
	RotatesAfter            Value[Instant]
	Secret                  Secret
	SecretHint              Text
	SecretVersion           Value[int64]
	SecretCreatedAt         Value[Instant]
	PreviousID              Text
	PreviousSecretExpiresAt Value[Instant]
	Status                  Text
	CreatedAt               Value[Instant]
	Platform                Text
	Class                   Text // of the scopes; null where keys have none
	ManagesKeys             Value[bool]
	SecretSource            Text // SourceService or SourceChosen
	EffectiveOverlap        Text // a duration; null where keys are never rotated
	AppliedPolicy           Text // JSON; null where none was set
}

// Equal reports whether both are the same in every attribute.
func (k APIKeyValues) Equal(other APIKeyValues) bool {
	sets := k.Scopes.Equal(other.Scopes) && k.EffectiveScopes.Equal(other.EffectiveScopes) && k.AutomaticScopes.Equal(other.AutomaticScopes)
	return sets && k.RotateWhenChanged.Equal(other.RotateWhenChanged) && k.Secret.Equal(other.Secret) && k.scalars() == other.scalars()
}

// scalars are the attributes that == compares.
func (k APIKeyValues) scalars() any {
	return [...]any{
		k.Subaccount, k.ID, k.AccountID, k.Name, k.Username, k.Description, k.Enabled, k.ExpiresAt, k.Rotation, k.RotationReason, k.RotatesAfter,
		k.SecretHint, k.SecretVersion, k.SecretCreatedAt, k.PreviousID, k.PreviousSecretExpiresAt, k.Status, k.CreatedAt,
		k.Platform, k.Class, k.ManagesKeys, k.SecretSource, k.EffectiveOverlap, k.AppliedPolicy,
	}
}

// APIKeyConfig is what a plan must read from the configuration itself: a proposal has no
// secret that is written only, and does not tell what was left out.
type APIKeyConfig struct {
	Subaccount Text
	Scopes     Set
	SecretWO   Secret
}

// APIKeyMemory is what the last refresh or apply has noted of the key, beside the state.
type APIKeyMemory struct {
	DueSince    *time.Time // the refresh that found the key due for rotation; nil while it is not
	SeenSince   *time.Time // the first refresh of a key of which nobody tells when it was made
	PreviousDue bool       // the overlap of the previous key is over
	Unclaimed   bool       // the answer to a rotation was lost, and the apply asks for it
}

// Lookup is what looking for a sub-account has come to.
type Lookup uint8

// The outcomes.
const (
	NotLooked   Lookup = iota // nobody asked, or it may not be known
	Found                     // it is there
	Missing                   // it is not
	Unconfirmed               // no answer says either
)

// Place is what is known of whose keys these are.
type Place struct {
	OfSubaccount bool // the key is one of a sub-account
	Default      Text // the sub-account of a key that names none
	Replaced     bool // this run replaces the sub-account of the key in the state, under its handle
	Coming       bool // this run makes the sub-account
	Lookup       Lookup
	Subaccount   backend.Subaccount // when Found
	Problem      string             // when Unconfirmed, in whole sentences
}

// Names are the keys of a place by name. They are never written to.
type Names struct {
	IDs map[string][]string // of the keys that there are
}

// APIKeyInput is all that the plan of a key goes by.
type APIKeyInput struct {
	Create    bool // there is no state
	Config    APIKeyConfig
	Proposed  APIKeyValues // the configuration over the state, defaults filled in; what the service sets is unknown when anything changes
	State     APIKeyValues // zero for a create
	Memory    APIKeyMemory
	Place     Place
	Policy    Policy
	Account   *backend.Account // with the rules for keys of the place; nil when it could not be asked for
	Catalogue *Catalogue       // nil when it could not be asked for
	Names     *Names           // nil when not asked for
	Rival     *Rival           // nil for none
	Creates   int64            // how many keys this run makes in the place, this one among them; 0 when not counted
	Now       *time.Time       // the service's clock; nil when not asked for
}

// Action is what the apply does about a key.
type Action string

// The actions. A rotation also updates what else has changed.
const (
	None            Action = "none"
	Create          Action = "create"
	Update          Action = "update" // also where it hangs on what is not known whether it rotates
	Rotate          Action = "rotate"
	RotateByNewKey  Action = "rotate_by_new_key"
	Replace         Action = "replace"
	CleanUpPrevious Action = "clean_up_previous" // and updates what else has changed
)

// APIKeyPlan is what the apply will do.
type APIKeyPlan struct {
	Planned  APIKeyValues
	Action   Action
	Replace  []Path   // the attributes that force a replacement
	Rotation Decision // why the apply makes a new secret, if it does
	Mints    bool     // the apply surely makes a new secret
	Findings []Finding
	Wants    Wants
}

// Decision is a reason, and whether what it hangs on is known.
type Decision struct {
	Reason string // empty for no
	Known  bool
	Open   bool // it is a yes, and the reason may come to name more
}

// Wants is what the input lacks that the plan could use.
type Wants struct {
	Subaccount bool // look for the sub-account that is planned
	Names      bool // the keys of the place by name
	Count      bool // the number of keys that this run makes in the place, with this one
	Clock      bool // the service's clock
}

// APIKey plans a key.
func APIKey(in APIKeyInput) APIKeyPlan {
	r := resolveAPIKey(in)
	d := decideAPIKey(r)
	findings := d.check()
	return APIKeyPlan{
		Planned: d.planned, Action: d.action(), Replace: d.replace, Rotation: d.rotation, Mints: d.mints,
		Findings: findings, Wants: d.wants(findings),
	}
}
