# By name, or by id.
data "postern_apikey" "newsletter" {
  name = "newsletter-service"
}

# A review can hold a key to what was agreed.
check "newsletter_cannot_administer" {
  assert {
    condition     = !contains(data.postern_apikey.newsletter.effective_scopes, "admin")
    error_message = "The newsletter key must not grant admin."
  }
}
