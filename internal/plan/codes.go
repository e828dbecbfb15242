package plan

// Code is a stable word for a finding. Tools go by it: one that is given out never means
// anything else.
type Code string

// The codes of findings about keys.
const (
	CodeMissingSubaccount   Code = "missing_subaccount"   // a key of a sub-account that nobody names
	CodeOtherSubaccount     Code = "other_subaccount"     // the credential sees one sub-account only, and not this one
	CodeNoSubaccounts       Code = "no_subaccounts"       // the platform, or the credential, has none
	CodeInvalidHandle       Code = "invalid_handle"       // no sub-account can have this handle
	CodeSubaccountMissing   Code = "subaccount_missing"   // there is none of this handle, and none is planned
	CodeSubaccountUnsure    Code = "subaccount_unsure"    // whether it is there is not known
	CodeSubaccountSuspended Code = "subaccount_suspended" // none of its keys works
	CodeGoesWithSubaccount  Code = "goes_with_subaccount" // the sub-account is replaced, and the key with it

	CodeUnmanaged    Code = "unmanaged"     // no key can be made here through the service
	CodeOwnerOnly    Code = "owner_only"    // no API key manages these keys
	CodeLacksRight   Code = "lacks_right"   // the credential may not do what the apply does
	CodeCannotGrant  Code = "cannot_grant"  // the credential does not hold what the key would
	CodeCannotMake   Code = "cannot_make"   // the credential grants nothing at all
	CodeLimitReached Code = "limit_reached" // the run makes more keys than there may be
	CodeNameRepeats  Code = "name_repeats"  // another key has the name, which may be meant

	CodeNameTwice  Code = "name_twice"  // another resource of the run gives the name to a key too
	CodeNameTaken  Code = "name_taken"  // a key has the name that the run is not about
	CodeNameUnsure Code = "name_unsure" // a key has the name that the run may still be about

	CodeMissingName  Code = "missing_name"
	CodeInvalidName  Code = "invalid_name"
	CodeNoDisabling  Code = "no_disabling"  // keys of the platform are never turned off
	CodeNoExpiry     Code = "no_expiry"     // keys of the platform never expire
	CodePastExpiry   Code = "past_expiry"   // the key would be dead from the start
	CodeOutlives     Code = "outlives"      // the key would outlive the credential
	CodeMayOutlive   Code = "may_outlive"   // the same, and it is not known yet
	CodeOldSecret    Code = "old_secret"    // the credential is the previous secret of the key, and cannot rotate it
	CodeLongOverlap  Code = "long_overlap"  // longer than the platform allows
	CodeNoRotation   Code = "no_rotation"   // keys of the platform keep their secret
	CodeExpired      Code = "expired"       // the key has stopped working, and the plan leaves it so
	CodeExpiredAnew  Code = "expired_anew"  // the key has expired, and is replaced
	CodeEndsPrevious Code = "ends_previous" // the previous key is deleted, its overlap is over
	CodeCutsPrevious Code = "cuts_previous" // the previous key is deleted before its overlap is over

	CodeEndsSecret      Code = "ends_secret"      // a rotation without overlap
	CodeNarrowsPrevious Code = "narrows_previous" // the previous key loses the same scopes
	CodePreviousKeeps   Code = "previous_keeps"   // the previous key keeps scopes that its successor loses
	CodeEndsOwnKey      Code = "ends_own_key"     // the provider runs with it
	CodeNarrowsOwnKey   Code = "narrows_own_key"  // likewise, and it loses rights over keys

	CodeMissingScopes   Code = "missing_scopes"
	CodeNoScopes        Code = "no_scopes"        // keys of the platform have none to choose
	CodeFixedScopes     Code = "fixed_scopes"     // the platform says which
	CodeScopesMakeNew   Code = "scopes_make_new"  // other scopes take another key
	CodeUnknownScope    Code = "unknown_scope"    //
	CodeMixedClasses    Code = "mixed_classes"    //
	CodeRedundantScope  Code = "redundant_scope"  // another scope implies it
	CodeGainsScopes     Code = "gains_scopes"     // the key may do more than before
	CodeForbiddenScope  Code = "forbidden_scope"  // by the policy
	CodeForbiddenGain   Code = "forbidden_gain"   // by the policy
	CodeUnjudgedGain    Code = "unjudged_gain"    // whether the key gains is not known, and the policy forbids gains
	CodeIdlePattern     Code = "idle_pattern"     // a pattern of the policy fits no scope
	CodeNeverEnds       Code = "never_ends"       // neither end nor rotation, which the policy wants
	CodeLivesTooLong    Code = "lives_too_long"   // by the policy
	CodeSecretInState   Code = "secret_in_state"  // which the policy minds
	CodeSecretMinted    Code = "secret_minted"    // the platform takes no chosen secret
	CodeMissingPassword Code = "missing_password" // the platform mints none
	CodeEmptySecret     Code = "empty_secret"
	CodeInvalidSecret   Code = "invalid_secret"
)
