package provider_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

func TestService_ARegionIsForSendGridAndInPlaceOfAnEndpoint(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ settings, want string }{
		"of Postern":       {`region = "eu"`, `(?s)A region is SendGrid's.*platform\s+postern\s+has\s+no\s+regions`},
		"of MailChannels":  {`platform = "mailchannels"` + "\n" + `region = "eu"`, `(?s)A region is SendGrid's.*platform\s+mailchannels`},
		"with an endpoint": {`platform = "sendgrid"` + "\n" + `region = "eu"` + "\n" + `endpoint = "https://sendgrid.example.com"`, `(?s)Region and endpoint.*Remove\s+one`},
		"unknown":          {`platform = "sendgrid"` + "\n" + `region = "us"`, `(?s)region.*must be one of`},
		"another platform": {`platform = "mailgun"`, `(?s)platform.*must be one of`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource.UnitTest(t, resource.TestCase{ProtoV6ProviderFactories: factories(), Steps: []resource.TestStep{{
				Config: "provider \"postern\" {\n" + tc.settings + "\napi_key = \"x\"\n}\n" + sending(), PlanOnly: true, ExpectError: regexp.MustCompile(tc.want),
			}}})
		})
	}
}
