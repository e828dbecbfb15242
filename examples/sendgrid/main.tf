terraform {
  required_version = ">= 1.11"
  required_providers {
    postern = {
      source = "postern-dev/postern"
    }
  }
}

# The credential comes from SENDGRID_API_KEY, so that it is in no file.
provider "postern" {
  platform = "sendgrid"
}

# A key of the account, by use: what sending mail takes.
resource "postern_apikey" "newsletter" {
  name   = "newsletter-service"
  scopes = provider::postern::use_preset("sendgrid", "mail")

  rotation = {
    period  = "720h" # a new key every 30 days,
    early   = "48h"  # or up to two days before that
    overlap = "24h"  # and the old one stays for a day
  }
}

# By group and level, as SendGrid's own page of API keys offers them.
resource "postern_apikey" "dashboard" {
  name = "dashboard"
  scopes = provider::postern::grant_access("sendgrid", {
    stats     = "read"
    templates = "read"
  })
}

# A subuser, and a key of its own.
resource "postern_subaccount" "shop" {
  handle       = "example-shop" # the username
  name         = "The example shop"
  email        = "shop@example.com"
  ip_addresses = ["192.0.2.10"] # one of the account's
}

resource "postern_subaccount_apikey" "shop" {
  subaccount = postern_subaccount.shop.handle
  name       = "shop"
  scopes     = ["mail.send"]
}

output "newsletter" {
  value     = postern_apikey.newsletter.secret
  sensitive = true
}
