# The first real configuration: one key with the least it needs, replaced every
# 30 days without an outage. `make run` walks through it.

terraform {
  required_version = ">= 1.11"
  required_providers {
    postern = {
      source = "postern-dev/postern"
    }
  }
}

# The address and the credential come from POSTERN_ENDPOINT and POSTERN_API_KEY,
# so that no credential is in a file.
provider "postern" {}

variable "scopes" {
  type        = set(string)
  description = "What the key may do."
  default     = ["write"]
}

variable "overlap" {
  type        = string
  description = "How long the old secret stays good after a rotation."
  default     = "24h"
}

variable "release" {
  type        = string
  description = "Change it to rotate the secret at the next apply."
  default     = "1"
}

resource "postern_apikey" "newsletter" {
  name        = "newsletter-service"
  description = "Sends the weekly newsletter."
  scopes      = var.scopes

  rotation = {
    period  = "720h" # 30 days
    early   = "48h"  # so that a missed run does no harm
    overlap = var.overlap
  }

  rotate_when_changed = {
    release = var.release
  }
}

output "id" {
  description = "The key's id. It stays through every rotation."
  value       = postern_apikey.newsletter.id
}

output "effective_scopes" {
  description = "What the key really grants."
  value       = postern_apikey.newsletter.effective_scopes
}

output "secret" {
  description = "What the newsletter service sends."
  value       = postern_apikey.newsletter.secret
  sensitive   = true
}
