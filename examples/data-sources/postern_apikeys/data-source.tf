# Keys that stop working within 30 days.
data "postern_apikeys" "expiring" {
  expiring_within = "720h"
}

# Keys of the pipelines that nobody used for 90 days.
data "postern_apikeys" "idle" {
  name_prefix = "ci-"
  unused_for  = "2160h"
}

output "expiring" {
  value = { for key in data.postern_apikeys.expiring.apikeys : key.name => key.expires_at }
}

check "no_idle_keys" {
  assert {
    condition     = length(data.postern_apikeys.idle.ids) == 0
    error_message = "These keys are not used: ${join(", ", data.postern_apikeys.idle.ids)}."
  }
}
