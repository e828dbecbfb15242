resource "postern_subaccount" "acme" {
  handle = "acme"
  name   = "Acme Ltd."
}

resource "postern_subaccount_apikey" "acme_app" {
  subaccount = postern_subaccount.acme.handle # so that the sub-account is made first
  name       = "app"
  scopes     = ["write"]

  rotation = {
    period  = "720h"
    overlap = "24h"
  }
}

# One key each for many customers, without a provider alias for any of them.
resource "postern_subaccount" "customer" {
  for_each = toset(["north", "south"])
  handle   = each.key
  name     = "Branch ${each.key}"
}

resource "postern_subaccount_apikey" "customer" {
  for_each   = postern_subaccount.customer
  subaccount = each.value.handle
  name       = "app"
  scopes     = ["read"]
}
