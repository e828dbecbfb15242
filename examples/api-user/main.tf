# An API user, as on Dotdigital: a username that the service makes, and a password
# that you choose. Terraform hands the password over and keeps it nowhere.
# `make run PLATFORM=dotdigital` walks through it.

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

# Ephemeral, so that it is in no plan and in no state. Give it at each plan and
# each apply, such as by TF_VAR_password.
variable "password" {
  type        = string
  description = "What the newsletter service signs in with."
  sensitive   = true
  ephemeral   = true
}

variable "release" {
  type        = string
  description = "Change it, together with the password, to set the new password at the next apply."
  default     = "1"
}

# It has no scopes: an API user may do all that the API can.
resource "postern_apikey" "newsletter" {
  description = "Sends the weekly newsletter."

  # Terraform cannot see that this changes, as it does not keep the old one.
  secret_wo = var.password

  # So this says when to set it.
  rotate_when_changed = {
    release = var.release
  }
}

output "id" {
  description = "The API user's id. It stays through every rotation."
  value       = postern_apikey.newsletter.id
}

output "username" {
  description = "What the newsletter service signs in with, beside the password."
  value       = postern_apikey.newsletter.username
}
