# Applied once, by hand, with a key of Full Access in SENDGRID_API_KEY. It makes the
# key that Terraform uses from then on.
terraform {
  required_version = ">= 1.11"
  required_providers {
    postern = {
      source = "postern-dev/postern"
    }
  }
}

provider "postern" {
  platform = "sendgrid"
}

locals {
  crud = ["create", "read", "update", "delete"]
}

resource "postern_apikey" "terraform" {
  name = "terraform"
  scopes = setunion(
    [for may in local.crud : "api_keys.${may}"], # to manage keys
    [for may in local.crud : "subusers.${may}"], # and subusers,
    # and all that it gives away: no key gives what it does not hold itself.
    provider::postern::use_preset("sendgrid", "mail"),
    provider::postern::grant_access("sendgrid", { stats = "read", templates = "read" }),
  )
}

output "secret" {
  value     = postern_apikey.terraform.secret
  sensitive = true
}
