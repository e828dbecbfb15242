# Postern's own platform: the general model of read, write and admin levels,
# with scopes of their own for what the management API asks.

platform "postern" {
  title = "Postern"

  open_scopes = true # accounts define scopes of their own

  secret {
    prefix   = "ptn_key_"
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
    max_overlap  = "720h"
  }

  subaccounts {
    handle       = "[a-z0-9][a-z0-9_-]{2,63}"
    handle_words = "3 to 64 lower case letters, digits, \"-\" and \"_\", beginning with a letter or digit"
    generate     = true
  }

  scope "read" {
    group       = "data"
    description = "Read data."
  }

  scope "write" {
    group       = "data"
    description = "Create and change data."
    implies     = ["read"]
  }

  scope "admin" {
    group       = "data"
    description = "Full control, the management of keys and permissions included."
    implies     = ["write", "apikeys:write", "subaccounts:write", "scopes:write", "audit:read", "verify"]
  }

  scope "apikeys:read" {
    group       = "management"
    description = "List and read API keys, never their secrets."
    rights      = ["apikeys:read"]
  }

  scope "apikeys:write" {
    group       = "management"
    description = "Create, change, rotate and delete API keys that hold no more than the caller."
    implies     = ["apikeys:read"]
    rights      = ["apikeys:create", "apikeys:delete", "apikeys:update"]
  }

  scope "subaccounts:read" {
    group       = "management"
    description = "List and read sub-accounts."
    rights      = ["subaccounts:read"]
  }

  scope "subaccounts:write" {
    group       = "management"
    description = "Create, suspend, activate and delete sub-accounts."
    implies     = ["subaccounts:read"]
    rights      = ["subaccounts:create", "subaccounts:delete", "subaccounts:update"]
  }

  scope "scopes:write" {
    group       = "management"
    description = "Define scopes."
    rights      = ["scopes:write"]
  }

  scope "audit:read" {
    group       = "management"
    description = "Read the audit trail."
    rights      = ["audit:read"]
  }

  scope "verify" {
    group       = "management"
    description = "Ask whether a secret is good for a scope."
    rights      = ["verify"]
  }

  # How a gateway answers a caller whose key is refused, in this platform's
  # own body shape. {scope} is the first scope that is missing.
  answers {
    invalid              = jsonencode({ code = "invalid_credential", detail = "The API key is not valid." })
    inactive             = jsonencode({ code = "invalid_credential", detail = "The API key is turned off." })
    expired              = jsonencode({ code = "invalid_credential", detail = "The API key has expired." })
    account_standing     = jsonencode({ code = "account_standing", detail = "The account may not use the API." })
    subaccount_suspended = jsonencode({ code = "subaccount_suspended", detail = "The sub-account is suspended." })
    missing_scope        = jsonencode({ code = "missing_scope", detail = "The API key lacks the scope {scope}." })
  }
}
