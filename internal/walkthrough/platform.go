package main

import (
	"fmt"
	"strings"
)

// platform is what the walkthrough shows on one platform: which scopes it asks
// for, and what must follow from them.
type platform struct {
	name    string
	granted string // asked for
	implied string // granted only because granted implies it
	lacking string // not granted
	// overlap is for how long a rotation keeps the old secret good; "" leaves
	// the example's own setting, and "0s" ends the old secret at once.
	overlap string
	// gatewayScope is what a gateway's own key needs on the platform; empty
	// where no key may verify, so that it gets a limited credential of the account.
	gatewayScope string
}

var platforms = []platform{
	{name: "postern", granted: "write", implied: "read", lacking: "admin", gatewayScope: "verify"},
	{name: "benchmark", granted: "contacts:write", implied: "contacts:read", lacking: "campaigns:write", overlap: "0s"},
}

func platformNames() []string {
	var names []string
	for _, p := range platforms {
		names = append(names, p.name)
	}
	return names
}

func platformNamed(name string) (platform, error) {
	for _, p := range platforms {
		if p.name == name {
			return p, nil
		}
	}
	return platform{}, fmt.Errorf("platform %q is not known; use %s", name, strings.Join(platformNames(), " or "))
}

// hasOverlap reports whether the old secret lives on after a rotation.
func (p platform) hasOverlap() bool { return p.overlap != "0s" }

// variables are what the example is given. The one platform gets the example as
// it is shipped; the other has scopes of its own.
func (p platform) variables() []string {
	if p.overlap == "" {
		return nil
	}
	return []string{fmt.Sprintf("TF_VAR_scopes=[%q]", p.granted), "TF_VAR_overlap=" + p.overlap}
}

// summary is what a walk on the platform has shown.
func (p platform) summary() []string {
	old := "the old secret stays good for its overlap"
	if !p.hasOverlap() {
		old = "the old secret ends at once, as on this platform"
	}
	return []string{
		"a plan says what a key really grants, and the key grants that and nothing else",
		"a rotation is planned with its reason and keeps the id; " + old,
		"a plan right after an apply is empty",
		"a destroyed key is refused at once",
	}
}
