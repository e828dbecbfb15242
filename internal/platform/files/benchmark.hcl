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
    rotate       = true
    max_overlap  = "0s" # a regenerated key ends the old secret at once
  }

  # The numbers of keys are published. The requests of a month are, too, as the
  # contact limit times 10 where it is free and times 100 where it is paid; the
  # contact limits are not, so they are ours: 500 and 2,500.
  default_plan = "pro"

  plan "free" {
    apikeys          = 2
    monthly_requests = 5000
  }

  plan "pro" {
    apikeys          = 10
    monthly_requests = 250000
  }

  plan "enterprise" {} # by contract: no limit of ours

  # Of the whole account, all of its keys together.
  requests {
    per_hour = 3600
  }

  # Addresses are blocked after too many wrong keys. After how many, and for how
  # long, is not published: ours.
  attempts {
    failures = 20
    within   = "5m"
    block    = "15m"
  }

  scope "contacts:read" {
    group       = "contacts"
    level       = "read"
    description = "Read contacts and lists."
  }

  scope "contacts:write" {
    group       = "contacts"
    level       = "full"
    description = "Create, change and delete contacts and lists."
    implies     = ["contacts:read"]
  }

  scope "campaigns:read" {
    group       = "campaigns"
    level       = "read"
    description = "Read email campaigns and templates."
  }

  scope "campaigns:write" {
    group       = "campaigns"
    level       = "full"
    description = "Create, change and send email campaigns."
    implies     = ["campaigns:read"]
  }

  scope "reports:read" {
    group       = "reports"
    level       = "read"
    description = "Read reports."
  }

  scope "domains:read" {
    group       = "domains"
    level       = "read"
    description = "Read sending domains."
  }

  answers {
    invalid          = jsonencode({ errors = [{ errorType = "UnauthorizedError", message = "Invalid API key" }] })
    inactive         = jsonencode({ errors = [{ errorType = "UnauthorizedError", message = "Invalid API key" }] })
    expired          = jsonencode({ errors = [{ errorType = "UnauthorizedError", message = "API key expired" }] })
    account_standing = jsonencode({ errors = [{ errorType = "ForbiddenError", message = "Account does not have API access" }] })
    missing_scope    = jsonencode({ errors = [{ errorType = "ForbiddenError", message = "API key missing required scope: {scope}" }] })
    rate_limited     = jsonencode({ errors = [{ errorType = "TooManyRequestsError", message = "Rate limit exceeded. Retry after {seconds} seconds." }] })
    quota_exceeded   = jsonencode({ errors = [{ errorType = "TooManyRequestsError", message = "Monthly API quota exceeded." }] })
    blocked          = jsonencode({ errors = [{ errorType = "TooManyRequestsError", message = "Too many failed authentication attempts. Please try again later." }] })
  }
}
