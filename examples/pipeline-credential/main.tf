terraform {
  required_version = ">= 1.11"
  required_providers {
    postern = {
      source = "postern-dev/postern"
    }
  }
}

# Configured by an owner credential, once, and apart from what the pipeline applies.
provider "postern" {}

# Manages keys, and grants what it holds itself and no more: read and write, and
# with apikeys:write the management of keys.
resource "postern_apikey" "pipeline" {
  name       = "pipeline"
  scopes     = ["apikeys:write", "write"]
  expires_at = "2035-06-30T00:00:00Z"
}

output "secret" {
  value     = postern_apikey.pipeline.secret
  sensitive = true
}
