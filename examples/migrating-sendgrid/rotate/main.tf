terraform {
  required_version = ">= 1.11"
  required_providers {
    postern = {
      source = "postern-dev/postern"
    }
  }
}

provider "postern" {
  platform = "sendgrid"
}

resource "postern_apikey" "newsletter" {
  name                = "newsletter-service"
  scopes              = ["mail.send", "stats.read"]
  rotate_when_changed = { handover = "2" } # it was "1"
}

output "secret" {
  value     = postern_apikey.newsletter.secret
  sensitive = true
}
