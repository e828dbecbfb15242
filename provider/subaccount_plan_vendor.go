package provider

import (
	"fmt"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/backend"
)

// vendorRules checks what some services ask of a sub-account, and others do not have.
func (p *subaccountPlan) vendorRules(platform string, rules backend.SubaccountRules) {
	if !p.plan.APIKeyLimit.IsNull() && !rules.KeyLimits {
		p.diags.AddAttributeError(path.Root("apikey_limit"), "Sub-accounts have no limit of keys of their own on this platform",
			"Platform "+platform+" gives every sub-account the same limit. Remove apikey_limit.")
	}
	if !p.plan.SendLimit.IsNull() && !rules.SendLimits {
		p.diags.AddAttributeError(path.Root("send_limit"), "Sub-accounts have no limit of messages on this platform", "Platform "+platform+" has none to set. Remove send_limit.")
	}
	p.nameRules(platform, rules)
	if email := p.plan.Email; !email.IsNull() && !email.IsUnknown() && !email.Equal(p.state.Email) && !emailShape.MatchString(email.ValueString()) {
		p.diags.AddAttributeError(path.Root("email"), "Invalid email", fmt.Sprintf("The email must be an address such as ops@example.com, not %q.", email.ValueString()))
	}
	if rules.Address {
		p.address(platform)
		p.version4(platform, rules)
		p.untold(platform)
	} else {
		p.labels(platform)
	}
}

func (p *subaccountPlan) nameRules(platform string, rules backend.SubaccountRules) {
	at := path.Root("name")
	if name := p.plan.Name.ValueString(); !p.plan.Name.IsUnknown() && (p.create || name != p.state.Name.ValueString()) {
		p.newName(at, platform, name, rules)
	}
	if !p.create && rules.NameInState && !p.plan.Name.Equal(p.state.Name) {
		p.diags.AddAttributeWarning(at, "The name is a label in the state only", "Platform "+platform+" holds no name of a sub-account beside its handle: nothing changes there.")
	}
	if !p.create && !rules.EditName && !rules.NameInState && !p.plan.Name.Equal(p.state.Name) {
		p.replace = append(p.replace, at)
		p.diags.AddAttributeWarning(at, "Another name makes another sub-account",
			fmt.Sprintf("Platform %s cannot rename a sub-account. The apply deletes %s and makes a new one of the same handle; its API keys go with it.", platform, p.state.Handle))
	}
}

// newName checks the name of a sub-account that is made or renamed.
func (p *subaccountPlan) newName(at path.Path, platform, name string, rules backend.SubaccountRules) {
	if n, fewest := utf8.RuneCountInString(name), max(1, rules.MinName); n < fewest {
		p.diags.AddAttributeError(at, "Name too short", fmt.Sprintf("A sub-account of platform %s has a name of at least %d characters, not %d.", platform, fewest, n))
		return
	}
	if rules.CheckName == nil {
		return
	}
	if err := rules.CheckName(name); err != nil {
		p.diags.AddAttributeError(at, "Invalid name", fmt.Sprintf("The name of a sub-account %v.", err))
	}
}

// address checks what a sub-account is made with, on a platform that asks for it.
func (p *subaccountPlan) address(platform string) {
	if p.create {
		if p.plan.Email.IsNull() {
			p.diags.AddAttributeError(path.Root("email"), "Missing email", "Platform "+platform+" makes a sub-account only with the address of whoever it belongs to. Set email.")
		}
		if p.plan.IPAddresses.IsNull() {
			p.diags.AddAttributeError(path.Root("ip_addresses"), "Missing IP addresses", "Platform "+platform+" makes a sub-account only with at least one of the account's IP addresses to send from. Set ip_addresses.")
		}
		return
	}
	if !p.plan.Email.IsUnknown() && !strings.EqualFold(p.plan.Email.ValueString(), p.state.Email.ValueString()) {
		p.diags.AddAttributeError(path.Root("email"), "The email cannot be changed here",
			fmt.Sprintf("The API of platform %s has no way to change it: it is %s. Change it in the vendor's own console and then here, or set it back.", platform, p.state.Email))
	}
}

// version4 refuses addresses of a version that the platform has none of.
func (p *subaccountPlan) version4(platform string, rules backend.SubaccountRules) {
	if !rules.OnlyIPv4 || p.plan.IPAddresses.Equal(p.state.IPAddresses) {
		return
	}
	addresses, _ := stringsOf(p.plan.IPAddresses)
	for _, text := range addresses {
		if a, err := netip.ParseAddr(text); err == nil && !a.Is4() {
			p.diags.AddAttributeError(path.Root("ip_addresses").AtSetValue(types.StringValue(text)), "Not an IPv4 address",
				fmt.Sprintf("Platform %s sends from addresses of IP version 4 only, and %s is of version 6.", platform, text))
		}
	}
}

// untold says what the apply does about what an import could not bring.
func (p *subaccountPlan) untold(platform string) {
	if p.create || !p.state.IPAddresses.IsNull() || p.plan.IPAddresses.IsNull() {
		return
	}
	p.diags.AddAttributeWarning(path.Root("ip_addresses"), "Whether the ip_addresses change is not known",
		fmt.Sprintf("Platform %s does not tell which a sub-account has, so that an import cannot bring them. The apply sets those of %s to what is configured, whatever they are now.", platform, p.state.Handle))
}

// labels says of what the service does not hold that it restricts nothing.
func (p *subaccountPlan) labels(platform string) {
	for _, label := range []struct {
		name    string
		changed bool
	}{
		{"email", !p.plan.Email.IsNull() && (p.create || !p.plan.Email.Equal(p.state.Email))},
		{"ip_addresses", !p.plan.IPAddresses.IsNull() && (p.create || !p.plan.IPAddresses.Equal(p.state.IPAddresses))},
	} {
		if label.changed {
			p.diags.AddAttributeWarning(path.Root(label.name), "The "+label.name+" is a label in the state only", // Terraform folds warnings of one summary
				"Platform "+platform+" holds no "+label.name+" of a sub-account: it stands in the state, and changes nothing.")
		}
	}
}
