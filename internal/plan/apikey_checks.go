package plan

// apiKeyCheck looks at one rule. It reads what was decided and changes nothing, and no check
// knows of another one.
type apiKeyCheck func(*decidedAPIKey) []Finding

// apiKeyGates are asked first. An error of one makes what the others would say guesses.
func apiKeyGates() []apiKeyCheck {
	return []apiKeyCheck{
		checkSubaccountNamed,
		checkSubaccountSeen,
		checkManaged,
	}
}

// apiKeyChecks are all others, in the order in which people read what they find.
func apiKeyChecks() []apiKeyCheck {
	return []apiKeyCheck{
		checkSubaccount,
		checkScopeChoice,
		checkScopesKnown,
		checkRedundant,
		checkWidening,
		checkName,
		checkScopesMakeNew,
		checkGrant,
		checkExpiry,
		checkEnabled,
		checkRotation,
		checkExpired,
		checkNoOverlap,
		checkPreviousScopes,
		checkOwnKey,
		checkOwnRights,
		checkCutPrevious,
		checkEndedPrevious,
		checkGoesWithSubaccount,
		checkChosenSecret,
		checkOwnerOnly,
		checkRights,
		checkOutlives,
		checkOwnRotation,
		checkNamesakes,
		checkRival,
		checkLimit,
		checkForbiddenScopes,
		checkPatterns,
		checkEnds,
		checkLifetime,
		checkSecretInState,
	}
}

// check returns all that there is to say.
func (d *decidedAPIKey) check() []Finding {
	var findings []Finding
	for _, gate := range apiKeyGates() {
		findings = append(findings, gate(d)...)
	}
	if HasError(findings) {
		return findings
	}
	for _, check := range apiKeyChecks() {
		findings = append(findings, check(d)...)
	}
	return findings
}
