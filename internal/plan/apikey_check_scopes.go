package plan

import (
	"fmt"

	"github.com/postern-dev/terraform-provider-postern/internal/scope"
)

// checkScopeChoice refuses scopes where the platform leaves no choice, and none where it does:
// nothing that is left out ever means everything.
func checkScopeChoice(d *decidedAPIKey) []Finding { return d.scopeChoice() }

func (r *resolvedAPIKey) scopeChoice() []Finding {
	if r.Account == nil || r.Account.Rules.Unmanaged != "" { // no scopes would help
		return nil
	}
	at, fixed, configured := Attr("scopes"), r.fixed(), r.Config.Scopes
	names, all := configured.Names()
	switch {
	case fixed == nil && configured.IsNull() && !r.Create && r.State.Scopes.IsNull(): // it exists without any
	case fixed == nil && configured.IsNull():
		return r.fault(CodeMissingScopes, at, "Missing scopes", "Name at least one scope. Left out never means everything.")
	case fixed == nil || configured.IsNull() || !all:
	case len(*fixed) == 0:
		return r.fault(CodeNoScopes, at, "Keys have no scopes on this platform", "A key of platform "+r.platform()+" has no scopes to choose. Remove scopes.")
	case !sameNames(names, *fixed):
		return r.fault(CodeFixedScopes, at, "Scopes are fixed on this platform", "These keys of platform "+r.platform()+" hold exactly "+quoted(*fixed)+". Remove scopes.")
	}
	return nil
}

// checkScopesKnown refuses scopes that are not there, and those of several classes.
func checkScopesKnown(d *decidedAPIKey) (findings []Finding) {
	names, all := d.planned.Scopes.Names()
	if d.Catalogue == nil || !all {
		return nil
	}
	at := Attr("scopes")
	for _, name := range names {
		if err := d.Catalogue.Coming.Check([]string{name}); err != nil {
			findings = append(findings, d.fault(CodeUnknownScope, at.Of(name), "Unknown scope",
				fmt.Sprintf("The %v. The data source postern_scopes lists what there is.", err))...)
		}
	}
	if classes := d.Catalogue.Coming.Classes(names); len(classes) > 1 {
		findings = append(findings, d.fault(CodeMixedClasses, at, "Scopes of several classes",
			"A key never mixes the classes "+quoted(classes)+". Declare one key for each class.")...)
	}
	return findings
}

// checkRedundant warns of each scope that another one implies, when the scopes are chosen: it
// grants nothing more, and hides that taking it away would take nothing.
func checkRedundant(d *decidedAPIKey) (findings []Finding) {
	if !d.sound || d.Account == nil || d.Account.Rules.FixedScopes != nil || !d.Create && !d.rescoped() {
		return nil
	}
	names, _ := d.planned.Scopes.Names()
	redundant := d.Catalogue.Coming.Redundant(names)
	for _, name := range names {
		by, ok := redundant[name]
		if !ok {
			continue
		}
		f := d.warning(CodeRedundantScope, Attr("scopes").Of(name), fmt.Sprintf("has a redundant scope, %s", few([]string{name})),
			fmt.Sprintf("The scope %q grants nothing more, because %q implies it. Remove %q, or %q if only %q is meant.", name, by, name, by, name))
		f[0].Data.Scopes = []string{name, by}
		findings = append(findings, f...)
	}
	return findings
}

// checkWidening warns of power that a change adds to a key, or refuses it. Where the policy
// refuses it, a plan that cannot tell is refused too: an apply that is stopped half-way helps
// nobody.
func checkWidening(d *decidedAPIKey) []Finding {
	if d.Create || d.Policy.Widening == Allow {
		return nil
	}
	at := Attr("scopes")
	if !d.sound {
		if _, all := d.planned.Scopes.Names(); all || d.Policy.Widening != Deny {
			return nil
		}
		return d.unjudgedGain("What scopes the key gets is known after the apply only. Write them down, or apply first what they come from, by itself.")
	}
	was, _ := d.State.EffectiveScopes.Names()
	names, _ := d.planned.Scopes.Names()
	effective := d.Catalogue.Coming.Effective(names)
	gained := scope.Added(was, effective)
	if len(gained) == 0 {
		if d.Policy.Widening == Deny && d.Catalogue.open(effective) {
			return d.unjudgedGain("What a scope that this run defines will imply is known after the apply only. Apply that scope first, by itself.")
		}
		return nil
	}
	var f []Finding
	if d.Policy.Widening == Deny {
		f = d.fault(CodeForbiddenGain, at, Forbidden,
			fmt.Sprintf("policy.widening is %q, and key %s would also be able to do %s. Ask for no more than it may do now, or have whoever answers for the policy allow it.", Deny, d.called(), quoted(gained)))
	} else {
		f = d.warning(CodeGainsScopes, at, "gains scopes "+few(gained),
			fmt.Sprintf("Key %s will also be able to do %s. See effective_scopes for all that it grants.", d.called(), quoted(gained)))
	}
	f[0].Data.Scopes = gained
	return f
}

func (r *resolvedAPIKey) unjudgedGain(why string) []Finding {
	return r.fault(CodeUnjudgedGain, Attr("scopes"), "Whether the key gains scopes cannot be told",
		fmt.Sprintf("policy.widening is %q, and nobody can tell yet whether key %s would be able to do more than now. %s", Deny, r.called(), why))
}

// checkScopesMakeNew warns that other scopes take another key.
func checkScopesMakeNew(d *decidedAPIKey) []Finding {
	if !d.scopesMakeNew() {
		return nil
	}
	return d.warning(CodeScopesMakeNew, Attr("scopes"), "is replaced, as its scopes change",
		"Platform "+d.platform()+" fixes the scopes of a key when it is made.")
}

// checkGrant refuses to give what the credential does not hold.
func checkGrant(d *decidedAPIKey) []Finding {
	if d.Account == nil || d.Account.Owner || d.Account.GrantsUnknown || d.planned.EffectiveScopes.IsUnknown() {
		return nil
	}
	if !d.Account.APIKey && d.Create {
		return d.fault(CodeCannotMake, Path{}, "The credential cannot make keys",
			"It is limited to some rights and grants nothing, so that every key is too much. Use an owner credential, or a key that holds the scopes.")
	}
	effective, _ := d.planned.EffectiveScopes.Names()
	missing := scope.Added(d.Account.Scopes, effective)
	if len(missing) == 0 || !d.Create && !d.rescoped() {
		return nil
	}
	f := d.fault(CodeCannotGrant, Attr("scopes"), "The credential cannot grant these scopes",
		"Nobody grants what they do not hold, and the provider's credential does not hold "+quoted(missing)+". Ask for less, or use a credential that holds them.")
	f[0].Data.Scopes = missing
	return f
}
