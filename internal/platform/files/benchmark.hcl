# Benchmark Email, API v1. Facts as published at developers.benchmarkemail.io
# (authentication, errors, rate-limits). The platform has no API to manage its
# keys, and no scope of it gives any right over them: only an owner credential
# manages here.

platform "benchmark" {
  title = "Benchmark Email"

  # 47 characters: "bme_" and 43 more. Newer pages show a region between them.
  secret {
    prefix   = "bme_"
    alphabet = "base62"
    length   = 43
  }

  keys {
    unique_names = true
    edit_scopes  = true
    expiry       = true
    disable      = true
    max_overlap  = "0s" # a regenerated key ends the old secret at once
  }

  default_plan = "pro"

  plan "free" {
    apikeys = 2
  }

  plan "pro" {
    apikeys = 10
  }

  plan "enterprise" {} # by contract: no limit of ours

  scope "contacts:read" {
    group       = "contacts"
    description = "Read contacts and lists."
  }

  scope "contacts:write" {
    group       = "contacts"
    description = "Create, change and delete contacts and lists."
    implies     = ["contacts:read"]
  }

  scope "campaigns:read" {
    group       = "campaigns"
    description = "Read email campaigns and templates."
  }

  scope "campaigns:write" {
    group       = "campaigns"
    description = "Create, change and send email campaigns."
    implies     = ["campaigns:read"]
  }

  scope "reports:read" {
    group       = "reports"
    description = "Read reports."
  }

  scope "domains:read" {
    group       = "domains"
    description = "Read sending domains."
  }

  answers {
    invalid          = jsonencode({ errors = [{ errorType = "UnauthorizedError", message = "Invalid API key" }] })
    inactive         = jsonencode({ errors = [{ errorType = "UnauthorizedError", message = "Invalid API key" }] })
    expired          = jsonencode({ errors = [{ errorType = "UnauthorizedError", message = "API key expired" }] })
    account_standing = jsonencode({ errors = [{ errorType = "ForbiddenError", message = "Account does not have API access" }] })
    missing_scope    = jsonencode({ errors = [{ errorType = "ForbiddenError", message = "API key missing required scope: {scope}" }] })
  }
}
