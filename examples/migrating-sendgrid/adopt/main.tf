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

# Forgotten there, and not deleted,
removed {
  from = sendgrid_api_key.newsletter

  lifecycle {
    destroy = false
  }
}

# and taken over here, under the same id.
import {
  to = postern_apikey.newsletter
  id = "qfTQ6KG0QBiwWdJ0-pCLCA"
}

resource "postern_apikey" "newsletter" {
  name                = "newsletter-service"
  scopes              = ["mail.send", "stats.read"]
  rotate_when_changed = { handover = "1" }
}
