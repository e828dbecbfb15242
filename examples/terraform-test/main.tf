# A module for a customer: a subuser of SendGrid, and a key that sends mail and does
# nothing else.
terraform {
  required_version = ">= 1.11"
  required_providers {
    postern = {
      source = "postern-dev/postern"
    }
  }
}

variable "customer" {
  type = object({
    username     = string
    email        = string
    ip_addresses = set(string)
  })
}

variable "scopes" {
  type    = set(string)
  default = ["mail.send"]

  validation {
    condition     = length(setsubtract(var.scopes, provider::postern::use_preset("sendgrid", "mail"))) == 0
    error_message = "A customer's key sends mail and does nothing else."
  }
}

variable "release" {
  type        = string
  default     = "1"
  description = "Another value makes a new key at the next apply."
}

resource "postern_subaccount" "customer" {
  handle       = var.customer.username
  name         = var.customer.username
  email        = var.customer.email
  ip_addresses = var.customer.ip_addresses
}

resource "postern_subaccount_apikey" "mail" {
  subaccount          = postern_subaccount.customer.handle
  name                = "mail"
  scopes              = var.scopes
  rotate_when_changed = { release = var.release }
}

output "apikey_id" {
  value = postern_subaccount_apikey.mail.id
}

output "secret" {
  value     = postern_subaccount_apikey.mail.secret
  sensitive = true
}
