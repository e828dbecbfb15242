# A key on a platform whose keys keep their secret, such as SendGrid and
# MailChannels, replaced by Terraform itself: a new resource takes its place, and the
# old key goes in the same apply. `rotation` and `rotate_when_changed` do that within one
# resource, and keep the old key through an overlap; examples/sendgrid has them.
# `make run PLATFORM=sendgrid` walks through this one.

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
  default     = ["mail.send"]
}

variable "release" {
  type        = string
  description = "Change it to replace the key at the next apply."
  default     = "1"
}

# Only here to be noticed when it changes.
resource "terraform_data" "release" {
  input = var.release
}

resource "postern_apikey" "newsletter" {
  name        = "newsletter-service"
  description = "Sends the weekly newsletter."
  scopes      = var.scopes

  lifecycle {
    # The new key first, then whatever uses its secret, and the old key last.
    create_before_destroy = true
    replace_triggered_by  = [terraform_data.release]
  }
}

output "id" {
  description = "The key's id. A new key has another one."
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
