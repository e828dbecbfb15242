# MailChannels, Email API. Facts as published in its documentation and its
# OpenAPI description; what is ours says so.

platform "mailchannels" {
  title = "MailChannels"

  ids = "number"

  # What a key looks like is not documented: this is ours.
  secret {
    prefix   = "mch_"
    alphabet = "base62"
    length   = 43
  }

  # The keys of the account itself are made in the Console only, so by an owner
  # here; those of sub-accounts by any key with the scope api.
  keys {
    owner_only    = true
    name_required = false
    unique_names  = false
    edit_scopes   = false
    expiry        = false
    disable       = false
    rotate        = false # a key is replaced: a new one, then the old one goes
    max_overlap   = "0s"
    limit         = 100
  }

  subaccounts {
    handle       = "[a-z0-9]{3,128}"
    handle_words = "3 to 128 lower case letters and digits"
    generate     = true
    key_limit    = 100
    fixed_scopes = ["api"] # their keys are made for sending, without a choice
    send_limits  = true    # GET, PUT and DELETE of /sub-account/{handle}/limit
  }

  scope "api" {
    group       = "email"
    description = "Every endpoint of the Email API, sub-accounts and their keys included."
    rights = [
      "apikeys:create", "apikeys:delete", "apikeys:read", "apikeys:update",
      "subaccounts:create", "subaccounts:delete", "subaccounts:read", "subaccounts:update",
    ]
  }

  scope "inbound" {
    group       = "inbound"
    description = "Inbound Filtering."
  }

  # The shape is documented, the texts are not: they are ours.
  answers {
    invalid              = jsonencode({ errors = ["The API key is not valid."] })
    inactive             = jsonencode({ errors = ["The API key is not valid."] })
    expired              = jsonencode({ errors = ["The API key is not valid."] })
    account_standing     = jsonencode({ errors = ["The account may not use the API."] })
    subaccount_suspended = jsonencode({ errors = ["The sub-account is suspended."] })
    missing_scope        = jsonencode({ errors = ["The API key lacks the scope {scope}."] })
  }
}
