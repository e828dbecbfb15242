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
# with apikeys:write the management of keys. Time is held to the same rule: with an
# expires_at here, every key that it makes would have to end by then. So it is rotated.
resource "postern_apikey" "pipeline" {
  name     = "pipeline"
  scopes   = ["apikeys:write", "write"]
  rotation = { period = "720h", overlap = "24h" }
}

output "secret" {
  value     = postern_apikey.pipeline.secret
  sensitive = true
}
