terraform {
  required_version = ">= 1.11"
  required_providers {
    postern = {
      source = "postern-dev/postern"
    }
  }
}

provider "postern" {}

variable "incident" {
  type        = string
  default     = "none"
  description = "The number of an incident: another value rotates at the next apply."
}

resource "postern_apikey" "billing" {
  name   = "billing-service"
  scopes = ["write"]

  rotation = {
    period  = "720h" # 30 days: no secret gets older, if a run comes in time
    early   = "48h"  # a run in the two days before that rotates already
    overlap = "24h"  # the old secret stays good for a day
  }

  rotate_when_changed = {
    incident = var.incident
  }
}

# For whoever runs the service: by when it must have the new secret.
output "handover" {
  value = {
    secret_version             = postern_apikey.billing.secret_version
    previous_secret_expires_at = postern_apikey.billing.previous_secret_expires_at
    rotates_after              = postern_apikey.billing.rotates_after
  }
}
