terraform {
  required_version = ">= 1.11"
  required_providers {
    postern = {
      source = "postern-dev/postern"
    }
  }
}

# The credential comes from MAILCHANNELS_API_KEY, so that it is in no file.
provider "postern" {
  platform = "mailchannels"
}

variable "customers" {
  type = map(object({
    company    = string
    send_limit = optional(number) # messages in a billing period
    suspended  = optional(bool, false)
  }))
  description = "By handle."
  default = {
    acme = { company = "Acme Ltd.", send_limit = 50000 }
    nord = { company = "Nord AB" }
  }
}

resource "postern_subaccount" "customer" {
  for_each   = var.customers
  handle     = each.key
  name       = each.value.company
  send_limit = each.value.send_limit
  status     = each.value.suspended ? "suspended" : "active"
}

resource "postern_subaccount_apikey" "app" {
  for_each   = var.customers
  subaccount = postern_subaccount.customer[each.key].handle
  name       = "app" # in the state only

  rotation = {
    period  = "720h" # a new key every 30 days,
    early   = "48h"  # or up to two days before that
    overlap = "24h"  # and the old one stays for a day
  }
}

data "postern_subaccount" "customer" {
  for_each = postern_subaccount.customer
  handle   = each.value.handle
}

output "sent" {
  description = "How many messages each customer sent in this period, and how many it may send."
  value       = { for handle, one in data.postern_subaccount.customer : handle => one.sent }
}

output "secrets" {
  value     = { for handle, key in postern_subaccount_apikey.app : handle => key.secret }
  sensitive = true
}
