package plan

import (
	"fmt"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// checkChosenSecret checks secret_wo, which is taken when the apply makes a secret.
func checkChosenSecret(d *decidedAPIKey) []Finding {
	if d.Account == nil {
		return nil
	}
	at, rules, given := Attr("secret_wo"), d.Account.Rules, d.Config.SecretWO
	if !rules.ChooseSecret {
		if given.IsNull() {
			return nil
		}
		return d.fault(CodeSecretMinted, at, "The secret cannot be chosen on this platform",
			"A key of platform "+d.platform()+" gets a secret that is made for it. Remove secret_wo.")
	}
	if !d.mints || given.IsUnknown() {
		return nil // unknown, the service checks it at the apply
	}
	text := given.Zero().Reveal()
	switch {
	case text == "" && rules.Password:
		return d.fault(CodeMissingPassword, at, "Missing password", d.whyPassword()+" Set secret_wo to it, from an ephemeral value; it is in no state and no plan.")
	case given.IsNull():
		return nil
	case text == "": // taken for none it would be minted into the state, where it was not to be
		return d.fault(CodeEmptySecret, at, "Empty secret",
			"The secret_wo is empty. Set it to a secret, such as that of an ephemeral postern_secret, or remove it for a secret in the state.")
	}
	return CheckSecret(d.platform(), rules, given, d.subject())
}

// CheckSecret holds a chosen secret to the platform's rules. While it is not known the service
// checks it, at the apply.
func CheckSecret(platform string, rules backend.KeyRules, given Secret, subject Subject) []Finding {
	text := given.Zero().Reveal()
	if text == "" || rules.CheckSecret == nil {
		return nil
	}
	err := rules.CheckSecret(text)
	if err == nil {
		return nil
	}
	return []Finding{{
		Grade: Error, Code: CodeInvalidSecret, Subject: subject, At: Attr("secret_wo"), Summary: "The secret breaks the platform's rules",
		Detail: fmt.Sprintf("A secret of platform %s %v. The ephemeral postern_secret makes one that fits.", platform, err),
	}}
}

func (d *decidedAPIKey) whyPassword() string {
	if d.Create {
		return "A key of platform " + d.platform() + " is an API user, and its password is chosen for it."
	}
	return fmt.Sprintf("This plan rotates key %s (%s), and a password of platform %s is chosen for it.", d.called(), d.rotation.Reason, d.platform())
}

// checkSecretInState refuses a secret in the state, or warns of it.
func checkSecretInState(d *decidedAPIKey) []Finding {
	verdict, secret := d.Policy.SecretsInState, d.planned.Secret
	if (verdict == Warn || verdict == Deny) && d.unchooses() {
		return d.secretToCome(verdict)
	}
	if verdict != Warn && verdict != Deny || secret.IsNull() {
		return nil
	}
	if secret.IsUnknown() && (!d.mints || d.Account == nil || d.Config.SecretWO.IsUnknown()) {
		return nil // it may come to nothing; the apply knows
	}
	detail := fmt.Sprintf("The key's secret would lie in the state in clear text, and policy.secrets_in_state is %q.", verdict)
	if verdict == Deny {
		return d.fault(CodeSecretInState, Attr("secret"), Forbidden, detail+" "+d.outOfState())
	}
	return d.warning(CodeSecretInState, Attr("secret"), "has its secret in the state", detail)
}

// unchooses reports whether the plan takes secret_wo away and leaves the secret as it is. Then
// the next rotation puts one into the state, which is to be said now and not on that day.
func (d *decidedAPIKey) unchooses() bool {
	return !d.mints && d.State.SecretSource == Known(SourceChosen) && d.planned.SecretSource == Known(SourceService)
}

func (d *decidedAPIKey) secretToCome(verdict Verdict) []Finding {
	at, detail := Attr("secret_wo"), fmt.Sprintf("Without secret_wo the service makes the next secret, which would lie in the state in clear text, and policy.secrets_in_state is %q.", verdict)
	if verdict == Deny {
		return d.fault(CodeSecretInState, at, Forbidden, detail+" Keep secret_wo, or have whoever answers for the policy allow it.")
	}
	return d.warning(CodeSecretInState, at, "will have its next secret in the state", detail)
}

// outOfState says how a key of the platform is kept out of the state.
func (d *decidedAPIKey) outOfState() string {
	if d.Account != nil && !d.Account.Rules.ChooseSecret {
		return "Platform " + d.platform() + " makes the secrets of its keys itself, so none can be kept out: import a key that was made elsewhere, or change the policy."
	}
	return "Give the key its secret by secret_wo, from an ephemeral postern_secret."
}
