package plan

// wants is what would tell more. What costs a request is asked for only where it matters,
// and the names only where nothing else refuses the plan.
func (d *decidedAPIKey) wants(findings []Finding) Wants {
	clock := d.Now == nil && (d.checksExpiry() || d.countsLifetime())
	if d.Account == nil {
		return Wants{Clock: clock && d.countsLifetime()}
	}
	return Wants{
		Subaccount: d.looksAtSubaccount() && d.Place.Lookup == NotLooked,
		Names:      d.Names == nil && d.namesMatter() && !HasError(findings),
		Count:      d.Creates == 0 && (d.Create || len(d.replace) > 0 || d.mints && d.newKeyPerSecret()),
		Clock:      clock,
	}
}
