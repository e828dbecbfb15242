# A key of the account itself is made in MailChannels' Console and put into a secret
# manager by hand. Terraform reads it there at each run, and no file or state has it.
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

ephemeral "vault_kv_secret_v2" "mailchannels" {
  mount = "secret"
  name  = "mailchannels"
}

provider "postern" {
  platform = "mailchannels"
  api_key  = ephemeral.vault_kv_secret_v2.mailchannels.data.api_key
}

resource "postern_subaccount" "acme" {
  handle = "acme"
  name   = "Acme Ltd."
}
