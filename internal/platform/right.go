package platform

// Rights that the management API asks for. A platform file maps scopes to them;
// an owner credential has them all. Those over API keys hold for the keys of the
// caller's own account and of its sub-accounts, or, for a key of a sub-account,
// for the keys of that one.
const (
	RightAPIKeysCreate     = "apikeys:create"
	RightAPIKeysDelete     = "apikeys:delete"
	RightAPIKeysRead       = "apikeys:read"
	RightAPIKeysUpdate     = "apikeys:update" // rotate and unlock, too
	RightAuditRead         = "audit:read"
	RightScopesWrite       = "scopes:write"
	RightSubaccountsCreate = "subaccounts:create"
	RightSubaccountsDelete = "subaccounts:delete"
	RightSubaccountsRead   = "subaccounts:read"
	RightSubaccountsUpdate = "subaccounts:update"
	RightVerify            = "verify"
)

// Rights returns every right, sorted.
func Rights() []string {
	return []string{
		RightAPIKeysCreate, RightAPIKeysDelete, RightAPIKeysRead, RightAPIKeysUpdate, RightAuditRead, RightScopesWrite,
		RightSubaccountsCreate, RightSubaccountsDelete, RightSubaccountsRead, RightSubaccountsUpdate, RightVerify,
	}
}
