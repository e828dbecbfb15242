# A platform of one's own: the rules of an in-house mail service.
#
#   postern platform check acme.hcl
#   postern serve --platform-file acme.hcl --platform acme

platform "acme" {
  title = "Acme Mail"

  # acme_ and 43 random characters (256 bits), then a CRC32 of all that, so that
  # a scanner can confirm a leaked key without asking anyone.
  secret {
    prefix   = "acme_"
    alphabet = "base62"
    length   = 43
    checksum = true
  }

  keys {
    unique_names = true
    edit_scopes  = true
    expiry       = true
    disable      = true
    rotate       = true
    max_overlap  = "168h" # a week; "0s" would end an old secret at once
  }

  # Customers of the account, each with keys of its own.
  subaccounts {
    handle       = "[a-z0-9-]{3,40}"
    handle_words = "3 to 40 lower case letters, digits and \"-\""
    generate     = true
    key_limit    = 5
  }

  # Limits by plan. Without any plan there is no limit.
  default_plan = "team"

  plan "team" {
    apikeys          = 20
    monthly_requests = 100000
  }

  plan "unlimited" {}

  # Two levels: a key may be asked for with access = { mail = "read" }.
  scope "mail:read" {
    group       = "mail"
    level       = "read"
    description = "Read messages and their delivery."
  }

  scope "mail:send" {
    group       = "mail"
    level       = "full"
    description = "Send messages."
    implies     = ["mail:read"]
  }

  # A class of its own: no key holds this together with scopes of another class.
  scope "billing:read" {
    group       = "billing"
    class       = "billing"
    description = "Read invoices."
  }

  # Keys of this scope may ask Postern itself, here whether another key is good.
  scope "gateway" {
    group       = "operations"
    description = "Ask whether a key is good for a scope."
    rights      = ["verify"]
  }

  # The set for one use, by a name.
  preset "sender" {
    description = "Send mail and follow it."
    access      = { mail = "full" }
  }

  # How GET /v1/authorize refuses a caller, in the service's own words.
  # {scope} is the first scope that is missing.
  answers {
    invalid          = jsonencode({ error = "unknown key" })
    inactive         = jsonencode({ error = "key is turned off" })
    expired          = jsonencode({ error = "key has expired" })
    account_standing = jsonencode({ error = "account is closed" })
    missing_scope    = jsonencode({ error = "key lacks {scope}" })
    quota_exceeded   = jsonencode({ error = "the month's requests are used up, try again in {seconds} seconds" })
  }
}
