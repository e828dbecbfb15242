package provider

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/postern-dev/terraform-provider-postern/internal/claims"
)

// soleName judges the name of what has nothing else that tells it from others: the handle of a
// sub-account, the name of a scope. It never changes, so that nothing can give way.
type soleName struct {
	run   *claims.Registry
	kind  string // as claims has it
	noun  string
	at    path.Path // handle or name
	diags *diag.Diagnostics
}

// sole is for one plan.
func (n *names) sole(kind, noun, attribute string, diags *diag.Diagnostics) soleName {
	if n == nil { // there is no configuration, and nothing to judge a plan by
		return soleName{run: claims.New(&claims.Traffic{}), kind: kind, noun: noun, at: path.Root(attribute), diags: diags}
	}
	return soleName{run: n.run, kind: kind, noun: noun, at: path.Root(attribute), diags: diags}
}

// made notes a new one that this apply has made.
func (n *names) made(kind, name string) {
	if n != nil {
		n.run.Made(claims.Seat{Kind: kind, Name: name}, name)
	}
}

func (n soleName) seat(name string) claims.Seat { return claims.Seat{Kind: n.kind, Name: name} }

// stays notes one that exists, and the name that it is to have: another one takes another
// object, for which Terraform plans once more.
func (n soleName) stays(was, is types.String) {
	if is.IsUnknown() {
		n.run.Leaves(n.kind, "", was.ValueString())
		return
	}
	n.claim(claims.Wish{Seat: n.seat(is.ValueString()), ID: was.ValueString()})
}

// comes notes a new one, which may replace one of the state.
func (n soleName) comes(name, replaces string) bool {
	return n.claim(claims.Wish{Seat: n.seat(name), Replaces: replaces})
}

func (n soleName) claim(w claims.Wish) bool {
	_, taken := n.run.Claim(w)
	if taken {
		n.diags.AddAttributeError(n.at, fmt.Sprintf("The %s %q is planned for two %ss", n.at, w.Name, n.noun),
			fmt.Sprintf("Another resource of this configuration is a %s of this %s too, and no two of the account have the same one. Give one of them another %s, or remove one.", n.noun, n.at, n.at))
	}
	return !taken
}

// goes notes one that the run destroys.
func (n soleName) goes(name string) {
	other, taken := n.run.Claimed(n.seat(name))
	n.run.Leaves(n.kind, "", name)
	if taken && other.ID == "" {
		n.moved(name)
	}
}

// exists judges a new one whose name the service has already. It reports whether it is that of
// something that this run is not about.
func (n soleName) exists(ctx context.Context, name, replaces string) (foreign bool) {
	if replaces == name || n.run.Applying() {
		return false
	}
	verdict, err := n.run.Settle(ctx, claims.Wish{Seat: n.seat(name), Replaces: replaces}, name)
	planned, gone := n.run.Planned(n.kind, "", name)
	switch {
	case err != nil:
		n.diags.AddError("The plan was interrupted", fmt.Sprintf("It waited to see what becomes of the %s %q in this run.", n.noun, name))
	case gone:
		n.moved(name)
	case verdict == claims.GivesWay && planned:
		n.diags.AddAttributeWarning(n.at, fmt.Sprintf("The %s %q is one that this run frees", n.at, name),
			fmt.Sprintf("Another %s of this configuration has it now, and is replaced. Let this one depend on that one, by depends_on, so that the %s is free by then.", n.noun, n.at))
	case verdict == claims.GivesWay, verdict == claims.Keeps: // it is this one's own, tainted; or that one has an error
	default:
		return true
	}
	return false
}

// elsewhere is what to do when the one that has the name is of this configuration after all.
const elsewhere = "If it is in this configuration under another address, add a moved block from that one."

func (n soleName) moved(name string) {
	n.diags.AddAttributeError(n.at, fmt.Sprintf("The %s %q is destroyed at one address and made at another", n.noun, name),
		fmt.Sprintf("Terraform does the two in any order, so that the apply may fail half-way, and what is made anew is another %s. To keep it, add a moved block from its old address to this one. To make it anew, destroy it in an apply of its own first.", n.noun))
}
