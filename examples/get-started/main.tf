terraform {
  required_version = ">= 1.11"
  required_providers {
    postern = {
      source = "postern-dev/postern"
    }
  }
}

# The address and the credential come from POSTERN_ENDPOINT and POSTERN_API_KEY.
provider "postern" {}

resource "postern_apikey" "newsletter" {
  name   = "newsletter-service"
  scopes = ["write"]

  rotation = {
    period  = "720h" # a new secret every 30 days,
    early   = "48h"  # or up to two days before that
    overlap = "24h"  # and the old one stays good for a day
  }
  rotate_when_changed = { release = "1" }
}

output "secret" {
  value     = postern_apikey.newsletter.secret
  sensitive = true
}
