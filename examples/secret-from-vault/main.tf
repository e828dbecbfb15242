# The secret is put into Vault first, and the key takes it from there: an apply that
# fails half-way is finished by the next one, as Vault remembers the secret.
#
# Raise the variable rotation to rotate. The secret is in no state, no plan and no log.
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

variable "rotation" {
  type        = number
  default     = 1
  description = "Raise it by one for a new secret."
}

ephemeral "postern_secret" "orders" {}

resource "vault_kv_secret_v2" "orders" {
  mount                = "secret"
  name                 = "orders-service"
  data_json_wo         = jsonencode({ secret = ephemeral.postern_secret.orders.secret })
  data_json_wo_version = var.rotation
}

# By its path, which is not known before Vault has the secret: so it is read after that.
ephemeral "vault_kv_secret_v2" "orders" {
  mount = "secret"
  name  = trimprefix(vault_kv_secret_v2.orders.path, "secret/data/")
}

resource "postern_apikey" "orders" {
  name      = "orders-service"
  scopes    = ["write"]
  secret_wo = ephemeral.vault_kv_secret_v2.orders.data.secret

  rotate_when_changed = {
    vault = vault_kv_secret_v2.orders.data_json_wo_version
  }
}
