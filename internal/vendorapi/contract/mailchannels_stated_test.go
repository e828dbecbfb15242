package contract

// mailchannelsStated is how our paths differ from MailChannels' description, 0.21.1, on
// purpose.
func mailchannelsStated() stated {
	const rights = "the description has no answer to a credential without the right; this is what others have"
	return stated{
		departures: map[string]string{
			"*: status 401 is not described":                                                               "the description has no answer to a credential that is not valid",
			"*: an error has a body, and none is described":                                                "one error has a body there, and all of ours have that form",
			"DELETE /tx/v1/sub-account/{handle}: status 403 is not described":                              rights,
			"DELETE /tx/v1/sub-account/{handle}/api-key/{id}: status 403 is not described":                 rights,
			"DELETE /tx/v1/sub-account/{handle}/limit: status 403 is not described":                        rights,
			"POST /tx/v1/sub-account/{handle}/suspend: status 403 is not described":                        rights,
			"PUT /tx/v1/sub-account/{handle}/limit: status 403 is not described":                           rights,
			"GET /tx/v1/sub-account/{handle}/api-key: status 400 is not described":                         "a limit that cannot be is refused, as in the list of sub-accounts",
			"GET /tx/v1/sub-account/{handle}/usage: status 200 has /monthly_limit, which is not described": "the newer description, 1.7.1, has it",
		},
		unseen: map[string]string{
			"* 500": "a failure is made where a write meets a full disk; all failures have one body",
		},
		unserved: []string{
			"DELETE /tx/v1/sub-account/{handle}/smtp-password/{id}",
			"DELETE /tx/v1/suppression-list/recipients/{recipient}",
			"DELETE /tx/v1/webhook",
			"GET /tx/v1/domains/{domain}/dkim-keys",
			"GET /tx/v1/metrics/engagement",
			"GET /tx/v1/metrics/performance",
			"GET /tx/v1/metrics/recipient-behaviour",
			"GET /tx/v1/metrics/senders/{sender_type}",
			"GET /tx/v1/metrics/volume",
			"GET /tx/v1/sub-account/{handle}/smtp-password",
			"GET /tx/v1/suppression-list",
			"GET /tx/v1/usage",
			"GET /tx/v1/webhook",
			"GET /tx/v1/webhook-batch",
			"GET /tx/v1/webhook/public-key",
			"PATCH /tx/v1/domains/{domain}/dkim-keys/{selector}",
			"POST /tx/v1/check-domain",
			"POST /tx/v1/domains/{domain}/dkim-keys",
			"POST /tx/v1/domains/{domain}/dkim-keys/{selector}/rotate",
			"POST /tx/v1/send",
			"POST /tx/v1/send-async",
			"POST /tx/v1/sub-account/{handle}/smtp-password",
			"POST /tx/v1/suppression-list",
			"POST /tx/v1/webhook",
			"POST /tx/v1/webhook-batch/{batch_id}/resend",
			"POST /tx/v1/webhook/validate",
		},
	}
}
