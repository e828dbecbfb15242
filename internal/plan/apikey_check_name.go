package plan

import "fmt"

// Standing is how something else stands to the name that a key is planned to have.
type Standing uint8

// The standings.
const (
	InRun     Standing = iota // it is of this run, and has the name after it too
	Outside                   // it has the name, and this run is not about it
	OutsideOr                 // the same, where a run that asks about one thing at a time would look the same
	Unasked                   // it has the name, and this run may still come to it
)

// Rival is what else has or gets the name of a key, where no two keys have the same one.
type Rival struct {
	ID       string // of the key; empty for one that this run makes
	Standing Standing
}

// checkRival refuses a name that another key has after the run.
func checkRival(d *decidedAPIKey) []Finding {
	if d.Rival == nil {
		return nil
	}
	at, name, other := Attr("name"), d.planned.Name.Zero(), d.Rival.ID
	unique := fmt.Sprintf("no two keys of the %s have the same name", d.holder())
	var f []Finding
	switch d.Rival.Standing {
	case InRun:
		who := "Another resource of this configuration makes a key of this name"
		if other != "" {
			who = fmt.Sprintf("Key %s, which is in this configuration too, has this name after the apply", other)
		}
		f = d.fault(CodeNameTwice, at, fmt.Sprintf("The name %s is planned for two API keys", few([]string{name})),
			fmt.Sprintf("%s, and %s. Give one of the two another name.", who, unique))
	case Outside, OutsideOr:
		f = d.fault(CodeNameTaken, at, fmt.Sprintf("The name %s is taken", few([]string{name})),
			fmt.Sprintf("Key %s has it, and %s. Choose another name, or import that key by its id. If a run that was broken off left it behind, nobody has its secret: delete it, or import and rotate it.\n\n%s", other, unique, d.orInRun()))
	case Unasked:
		f = d.warning(CodeNameUnsure, at, "gets the name of another key, "+few([]string{other}),
			fmt.Sprintf("Key %s has the name %q, and Terraform has not asked about that key yet. If it gives the name up in this run, the apply gives it to this one. "+
				"If it is no key of this configuration, the apply leaves this one under a temporary name: then choose another name, or import that key.", other, name))
	}
	if other != "" {
		f[0].Data.Keys = []string{other}
	}
	return f
}

// orInRun says what to do when the key that has the name is one of this configuration after
// all. A provider does not see what Terraform is still to ask about.
func (d *decidedAPIKey) orInRun() string {
	otherwise := ""
	if d.Rival.Standing == OutsideOr {
		otherwise = "plan without -parallelism=1, or "
	}
	text := "If it is a key of this configuration that gives the name up in this run, Terraform has not asked about it: " + otherwise + "let this resource depend on it, by depends_on."
	if d.Create {
		text += " If this key replaces it under create_before_destroy, both would have the name at once: rotate the key instead of replacing it, or let its name change too."
	}
	return text
}
