terraform {
  required_version = ">= 1.11"
  required_providers {
    postern = {
      source = "postern-dev/postern"
    }
  }
}

provider "postern" {}

# What the keys of the pipelines are to be.
locals {
  ci = {
    ci-build  = { scopes = ["read"], description = "Reads what a build needs." }
    ci-deploy = { scopes = ["write"], description = "Deploys." }
  }
}

resource "postern_apikey" "ci" {
  for_each    = local.ci
  name        = each.key
  description = each.value.description
  scopes      = each.value.scopes
}

# What there is.
data "postern_apikeys" "ci" {
  name_prefix = "ci-"
}

# Those that exist already are imported by their names, the others are made.
import {
  for_each = { for key in data.postern_apikeys.ci.apikeys : key.name => key.id if contains(keys(local.ci), key.name) }
  to       = postern_apikey.ci[each.key]
  id       = each.value
}

# And those that nobody wrote down.
check "every_key_is_written_down" {
  assert {
    condition     = alltrue([for key in data.postern_apikeys.ci.apikeys : contains(keys(local.ci), key.name)])
    error_message = "Not in this configuration: ${join(", ", [for key in data.postern_apikeys.ci.apikeys : key.name if !contains(keys(local.ci), key.name)])}."
  }
}
