# What each key of this configuration holds and nobody asked for in 90 days.
data "postern_apikey_usage" "this" {
  for_each = {
    newsletter = postern_apikey.newsletter.id
    dashboard  = postern_apikey.dashboard.id
  }
  id   = each.value
  days = 90
}

# Of keys that were there for a month: of a new key all scopes are unused.
output "unused_scopes" {
  value = {
    for name, usage in data.postern_apikey_usage.this : name => usage.unused_scopes
    if timecmp(usage.observed_since, timeadd(plantimestamp(), "-720h")) <= 0
  }
}
