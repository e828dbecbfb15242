package contract

// sendgridStated is how our paths differ from SendGrid's description on purpose.
func sendgridStated() stated {
	const (
		flat   = "clients that work against the service, and the older reference, have one flat object"
		asked  = "the description shows it only when include_region asks for it, and a variant here does"
		broken = "a query or a body that cannot be read is refused, never passed over; the description has no status for it"
		rights = "the description has no answer to a key without the right; this is what POST has"
	)
	return stated{
		departures: map[string]string{
			"GET /v3/api_keys: status 400 is not described":                                     broken,
			"GET /v3/subusers: status 400 is not described":                                     broken,
			"PUT /v3/subusers/{subuser_name}/ips: status 400 is not described":                  broken,
			"GET /v3/api_keys/{api_key_id}: status 200 lacks /result":                           flat,
			"GET /v3/api_keys/{api_key_id}: status 200 has /name, which is not described":       flat,
			"GET /v3/api_keys/{api_key_id}: status 200 has /api_key_id, which is not described": flat,
			"GET /v3/api_keys/{api_key_id}: status 200 has /scopes, which is not described":     flat,
			"POST /v3/subusers: status 200 lacks /region":                                       asked,
			"GET /v3/subusers: status 200 lacks /[]/region":                                     asked,
			"GET /v3/subusers: status 200 does not fit at /[]/email: *kind.Format":              "one that was made by other means has no address",
			"GET /v3/subusers/shop: is not described":                                           "three public clients call it",
			"GET /v3/user/username: is not described":                                           "the vendor's description of it is not among those here; its page of the reference has username and user_id",
			"GET /v3/subusers: status 403 is not described":                                     rights,
			"PATCH /v3/subusers/{subuser_name}: status 403 is not described":                    rights,
			"PUT /v3/subusers/{subuser_name}/ips: status 403 is not described":                  rights,
			"DELETE /v3/subusers/{subuser_name}: status 403 is not described":                   rights,
			"DELETE /v3/subusers/{subuser_name}: status 404 is not described":                   "clients take 404 for one that is not there",
			"POST /v3/api_keys: status 500 has /errors/[]/field, which is not described":        "the service was seen to send it",
		},
		unseen: map[string]string{
			"* 500": "a failure is made where a write meets a full disk; all failures have one body",
		},
		unserved: []string{
			"GET /v3/subusers/reputations",
			"GET /v3/subusers/stats",
			"GET /v3/subusers/stats/monthly",
			"GET /v3/subusers/stats/sums",
			"GET /v3/subusers/{subuser_name}/credits",
			"GET /v3/subusers/{subuser_name}/stats/monthly",
			"PATCH /v3/subusers/{subuser_name}/credits/remaining",
			"PATCH /v3/subusers/{subuser_name}/website_access",
			"PUT /v3/subusers/{subuser_name}/credits",
		},
	}
}
