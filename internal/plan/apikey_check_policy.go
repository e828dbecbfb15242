package plan

import (
	"fmt"
	"slices"
	"time"
)

// Forbidden is the summary of all that a policy refuses.
const Forbidden = "Forbidden by the provider's policy"

// checkForbiddenScopes refuses what the policy forbids.
func checkForbiddenScopes(d *decidedAPIKey) []Finding {
	return d.Policy.CheckScopes(d.planned.Scopes, d.planned.EffectiveScopes, d.Catalogue, d.subject())
}

// CheckScopes refuses the scopes that the policy forbids, each on the scope that brings it in.
// A scope stands for itself where the catalogue is nil or does not know it. While the
// scopes are not all known it says nothing: the apply knows.
func (p Policy) CheckScopes(scopes, effective Set, catalogue *Catalogue, subject Subject) (findings []Finding) {
	names, all := scopes.Names()
	if len(p.Forbid) == 0 || !all {
		return nil
	}
	refuse := func(at Path, what, granted, pattern string) {
		findings = append(findings, Finding{
			Grade: Error, Code: CodeForbiddenScope, Subject: subject, At: at, Summary: Forbidden,
			Detail: fmt.Sprintf("%s, and policy.forbid_scopes forbids %q. Ask for less.", what, pattern), Data: Data{Scopes: []string{granted}},
		})
	}
	for _, name := range names {
		grants := []string{name}
		if catalogue != nil {
			grants = catalogue.Coming.Effective(grants)
		}
		for _, granted := range grants {
			what := fmt.Sprintf("The key would grant %q", granted)
			if name != granted {
				what = fmt.Sprintf("The scope %q also grants %q", name, granted)
			}
			if pattern := p.Forbids(granted); pattern != "" {
				refuse(Attr("scopes").Of(name), what, granted, pattern)
			}
		}
	}
	if len(findings) > 0 {
		return findings
	}
	// A key that exists may hold more than its scopes say now, such as what a state
	// from before a change of the catalogue shows.
	held, _ := effective.Names()
	for _, granted := range held {
		if pattern := p.Forbids(granted); pattern != "" {
			refuse(Attr("scopes"), fmt.Sprintf("The key would grant %q", granted), granted, pattern)
		}
	}
	return findings
}

// checkPatterns warns of each pattern of forbid_scopes that fits no scope: it guards nothing, and
// may be misspelt. The finding is the same for each key, so that Terraform shows it once.
func checkPatterns(d *decidedAPIKey) (findings []Finding) {
	if d.Catalogue == nil {
		return nil
	}
	for _, pattern := range d.Policy.Forbid {
		if slices.ContainsFunc(d.Catalogue.Coming.Names(), func(name string) bool { return glob(pattern, name) }) {
			continue
		}
		detail := fmt.Sprintf("No scope of platform %s fits the pattern %q, so that it forbids nothing.", d.platform(), pattern)
		if near := d.Catalogue.Coming.NearestPattern(pattern); near != "" {
			detail += fmt.Sprintf(" Did you mean %q?", near)
		}
		findings = append(findings, Finding{
			Grade: Warning, Code: CodeIdlePattern, Subject: Subject{Kind: KindPolicy}, Summary: "policy.forbid_scopes has a pattern that fits no scope, " + few([]string{pattern}),
			Detail: detail + " The data source postern_scopes lists what there is.", Data: Data{Scopes: []string{pattern}},
		})
	}
	return findings
}

// checkEnds wants every key to end or to be rotated.
func checkEnds(d *decidedAPIKey) []Finding {
	if !d.Policy.ExpiryOrRotation || !d.planned.ExpiresAt.IsNull() || !d.planned.Rotation.IsNull() {
		return nil
	}
	return d.fault(CodeNeverEnds, Attr("expires_at"), Forbidden,
		"policy.require_expiry_or_rotation wants every key to end or to be rotated. Set expires_at or rotation.")
}

// countsLifetime reports whether a lifetime counts from now: the key is made, or renewed.
func (d *decidedAPIKey) countsLifetime() bool {
	renewed := !d.Create && d.expired() && d.planned.ExpiresAt != d.State.ExpiresAt
	return d.Policy.MaxLifetime != 0 && At(d.planned.ExpiresAt) != nil && (d.Create || renewed)
}

// checkLifetime wants an end within max_lifetime of when the key is made, or was, or is
// renewed.
func checkLifetime(d *decidedAPIKey) []Finding {
	most, at := d.Policy.MaxLifetime, Attr("expires_at")
	if most == 0 || d.planned.ExpiresAt.IsUnknown() {
		return nil
	}
	expires := At(d.planned.ExpiresAt)
	if expires == nil {
		what := "Set expires_at."
		if d.Account != nil && !d.Account.Rules.Expiry {
			what = "Platform " + d.platform() + " has no expiry of keys, so that none can hold to it. Remove max_lifetime from the policy, or the key."
		}
		return d.fault(CodeLivesTooLong, at, Forbidden, fmt.Sprintf("policy.max_lifetime lets a key live for at most %s, and this one would never end. %s", most, what))
	}
	from, what := At(d.State.CreatedAt), "when it was made"
	if d.countsLifetime() {
		from, what = d.Now, "now"
	}
	if from == nil {
		return nil
	}
	latest := from.Add(most)
	if !expires.After(latest) {
		return nil
	}
	return d.fault(CodeLivesTooLong, at, Forbidden,
		fmt.Sprintf("policy.max_lifetime lets a key live for at most %s, counted from %s (%s by the server's clock). The latest expires_at is %s, not %s.",
			most, what, from.Format(time.RFC3339), latest.Format(time.RFC3339), d.planned.ExpiresAt.Zero()))
}
