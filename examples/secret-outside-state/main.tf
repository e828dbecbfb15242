# A key whose secret is in no state, no plan and no log: it is made for this run,
# given to the key and to Vault in the same apply, and forgotten.
#
# When the key is rotated, its secret_version rises, which the plan shows, and so
# Vault takes the new secret in the same apply. The old one stays good for the overlap.
terraform {
  required_version = ">= 1.11"

  required_providers {
    postern = {
      source = "postern-dev/postern"
    }
    vault = {
      source = "hashicorp/vault"
    }
  }
}

provider "postern" {
  policy {
    secrets_in_state = "deny"
  }
}

ephemeral "postern_secret" "reports" {}

resource "postern_apikey" "reports" {
  name      = "reports-service"
  scopes    = ["write"]
  secret_wo = ephemeral.postern_secret.reports.secret

  rotation = {
    period  = "720h"
    early   = "48h"
    overlap = "24h"
  }

  rotate_when_changed = {
    by_hand = "1"
  }
}

# Written after the key was rotated. If this fails, Vault still has the old secret, which
# is good for the overlap. Change by_hand above then, for one more rotation: the next run
# has another secret, and only a rotation takes it.
resource "vault_kv_secret_v2" "reports" {
  mount                = "secret"
  name                 = "reports-service"
  data_json_wo         = jsonencode({ secret = ephemeral.postern_secret.reports.secret })
  data_json_wo_version = postern_apikey.reports.secret_version
}
