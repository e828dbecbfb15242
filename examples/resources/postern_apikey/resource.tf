resource "postern_apikey" "newsletter" {
  name        = "newsletter-service"
  description = "Sends the weekly newsletter."
  scopes      = ["write"] # implies read, as effective_scopes shows in the plan

  # A new secret every 30 days. The old one stays good for a day.
  rotation = {
    period  = "720h"
    early   = "48h"
    overlap = "24h"
  }

  # And at once when this value changes.
  rotate_when_changed = {
    incident = "none"
  }
}

resource "postern_apikey" "contractor" {
  name       = "contractor-reports"
  scopes     = ["read"]
  expires_at = "2035-06-30T00:00:00Z"
}
