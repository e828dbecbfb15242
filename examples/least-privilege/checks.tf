# What the owners of the data agreed to. A key may hold less.
locals {
  agreed = {
    newsletter = ["mail.send", "mail.batch.create", "mail.batch.read", "mail.batch.update"]
    dashboard  = provider::postern::match_scopes("sendgrid", "*.read")
  }
  granted = {
    newsletter = postern_apikey.newsletter.effective_scopes
    dashboard  = postern_apikey.dashboard.effective_scopes
  }
  beyond = {
    for name, scopes in local.granted :
    name => provider::postern::compare_scopes("sendgrid", local.agreed[name], scopes).gained
  }
}

# Fails as a warning, and stands in the JSON of a plan.
check "no_more_than_agreed" {
  assert {
    condition     = alltrue([for gained in local.beyond : length(gained) == 0])
    error_message = "Beyond what was agreed: ${jsonencode({ for name, gained in local.beyond : name => gained if length(gained) > 0 })}."
  }
}
