terraform {
  required_version = ">= 1.11"
  required_providers {
    postern = {
      source = "postern-dev/postern"
    }
    sendgrid = {
      source = "kenzo0107/sendgrid" # for this one apply more
    }
  }
}

# Both read SENDGRID_API_KEY.
provider "sendgrid" {}

provider "postern" {
  platform = "sendgrid"
}

# Taken over with its id and its secret.
moved {
  from = sendgrid_api_key.newsletter
  to   = postern_apikey.newsletter
}

resource "postern_apikey" "newsletter" {
  name                = "newsletter-service"
  scopes              = ["mail.send", "stats.read"]
  rotate_when_changed = { handover = "1" }
}

output "secret" {
  value     = postern_apikey.newsletter.secret
  sensitive = true
}
