terraform {
  required_version = ">= 1.11"
  required_providers {
    postern = {
      source = "postern-dev/postern"
    }
  }
}

# One provider block for any number of sub-accounts.
provider "postern" {}

variable "customers" {
  type = map(object({
    name   = string
    scopes = set(string)
  }))
  description = "By handle: the customers, and what the app of each may do."
  default = {
    acme = { name = "Acme Ltd.", scopes = ["read"] }
    nord = { name = "Nord AB", scopes = ["write"] }
  }
}

resource "postern_subaccount" "customer" {
  for_each     = var.customers
  handle       = each.key
  name         = each.value.name
  apikey_limit = 5
}

# The handle is a reference, so that the sub-account is made first and removed last.
resource "postern_subaccount_apikey" "app" {
  for_each   = var.customers
  subaccount = postern_subaccount.customer[each.key].handle
  name       = "app" # names are apart in each sub-account
  scopes     = each.value.scopes

  rotation = {
    period = "720h"
    early  = "48h"
  }
}

output "apps" {
  value     = { for handle, key in postern_subaccount_apikey.app : handle => key.secret }
  sensitive = true
}
