data "postern_apikey" "newsletter" {
  name = "newsletter-service"
}

data "postern_apikey_usage" "newsletter" {
  id   = data.postern_apikey.newsletter.id
  days = 90
}

# What could be taken from the key.
output "unused_scopes" {
  value = data.postern_apikey_usage.newsletter.unused_scopes
}
