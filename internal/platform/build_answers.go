package platform

import (
	"encoding/json"
	"maps"
	"slices"
	"time"
)

// The codes of a refusal, as client/api has them.
const (
	codeInvalid             = "invalid"
	codeInactive            = "inactive"
	codeExpired             = "expired"
	codeAccountStanding     = "account_standing"
	codeMissingScope        = "missing_scope"
	codeLocked              = "locked"
	codeSubaccountSuspended = "subaccount_suspended"
	codeRateLimited         = "rate_limited"
	codeQuotaExceeded       = "quota_exceeded"
	codeBlocked             = "blocked"
)

// answerInstead says whose words refuse a caller where the platform has none for
// the code. None of them tells more than the code itself would, and each is of a
// code that every platform has words for.
var answerInstead = map[string]string{
	codeMissingScope:        codeAccountStanding,
	codeSubaccountSuspended: codeAccountStanding,
	codeRateLimited:         codeAccountStanding,
	codeQuotaExceeded:       codeAccountStanding,
	codeLocked:              codeInvalid, // as for a wrong password, so that a guesser learns nothing
	codeBlocked:             codeInvalid,
}

func (b *builder) answers(block *platformBlock) {
	a := &block.Answers
	b.p.answers = map[string]string{
		codeInvalid: a.Invalid, codeInactive: a.Inactive, codeExpired: a.Expired, codeAccountStanding: a.AccountStanding,
	}
	for code, text := range map[string]*string{
		codeMissingScope: a.MissingScope, codeLocked: a.Locked, codeSubaccountSuspended: a.SubaccountSuspended,
		codeRateLimited: a.RateLimited, codeQuotaExceeded: a.QuotaExceeded, codeBlocked: a.Blocked,
	} {
		if text != nil {
			b.p.answers[code] = *text
		}
	}
	for _, code := range slices.Sorted(maps.Keys(b.p.answers)) {
		// As a caller gets it: filled in, it must still be JSON.
		if !json.Valid(b.p.Answer(code, "a:b", time.Minute)) {
			b.fault(a.Range, "Invalid answer", "The answer %q is not JSON; jsonencode writes it.", code)
		}
	}
	monthly := slices.ContainsFunc(block.Plans, func(plan planBlock) bool { return plan.MonthlyRequests != nil })
	b.needAnswer(block, codeMissingScope, "a scope may be missing", len(block.Scopes) > 0 || len(block.Groups) > 0 || block.OpenScopes)
	b.needAnswer(block, codeLocked, "lock_after locks users", block.Password != nil && block.Password.LockAfter > 0)
	b.needAnswer(block, codeRateLimited, "requests limits the hour", block.Requests != nil)
	b.needAnswer(block, codeQuotaExceeded, "monthly_requests limits the month", monthly)
	b.needAnswer(block, codeBlocked, "attempts blocks addresses", block.Attempts != nil)
}

func (b *builder) needAnswer(block *platformBlock, code, why string, need bool) {
	if _, ok := b.p.answers[code]; need && !ok {
		b.fault(block.Answers.Range, "Missing answer", "Add the answer %q: %s.", code, why)
	}
}
