data "postern_apikey" "newsletter" {
  name = "newsletter-service"
}

data "postern_apikey_usage" "newsletter" {
  id   = data.postern_apikey.newsletter.id
  days = 90
}

# What could be taken from the key, and since when it was observed: of a new key all
# scopes are unused.
output "unused" {
  value = {
    scopes = data.postern_apikey_usage.newsletter.unused_scopes
    since  = data.postern_apikey_usage.newsletter.observed_since
  }
}
