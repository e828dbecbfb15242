# Brings all keys of the pipelines that Terraform does not manage yet under it, in one
# apply that changes none of them. Afterwards write them down and remove the data source.
data "postern_apikeys" "found" {
  name_prefix = "ci-"
}

locals {
  found = { for key in data.postern_apikeys.found.apikeys : key.name => key }
}

import {
  for_each = local.found
  to       = postern_apikey.pipeline[each.key]
  id       = each.value.id
}

resource "postern_apikey" "pipeline" {
  for_each    = local.found
  name        = each.key
  description = each.value.description == "" ? null : each.value.description
  scopes      = each.value.scopes
  enabled     = each.value.enabled
  expires_at  = each.value.expires_at
}
