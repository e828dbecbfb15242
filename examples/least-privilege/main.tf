# The functions below know the built-in platform sendgrid.
terraform {
  required_version = ">= 1.11"
  required_providers {
    postern = {
      source = "postern-dev/postern"
    }
  }
}

provider "postern" {
  policy {
    forbid_scopes = ["billing.*", "*.delete"] # also not by implication
    widening      = "deny"                    # a key that exists gains nothing
  }
}

# By use: what sending mail takes, without the right to delete batches.
resource "postern_apikey" "newsletter" {
  name   = "newsletter-service"
  scopes = setsubtract(provider::postern::use_preset("sendgrid", "mail"), ["mail.batch.delete"])
}

# By group and level, as a web console offers them.
resource "postern_apikey" "dashboard" {
  name = "dashboard"
  scopes = provider::postern::grant_access("sendgrid", {
    stats     = "read"
    templates = "read"
  })
}
