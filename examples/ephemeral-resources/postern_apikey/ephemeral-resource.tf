# A key that lives for this run only, for another provider's configuration.
ephemeral "postern_apikey" "deploy" {
  name_prefix = "deploy-"
  scopes      = ["read"]
  lifetime    = "30m"
}

provider "postern" {
  alias   = "reader"
  api_key = ephemeral.postern_apikey.deploy.secret
}

data "postern_account" "seen_by_the_key" {
  provider = postern.reader
}
