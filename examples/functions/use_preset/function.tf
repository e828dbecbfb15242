resource "postern_apikey" "newsletter" {
  name   = "newsletter-service"
  scopes = provider::postern::use_preset("sendgrid", "mail")
}

# With one scope more.
resource "postern_apikey" "dashboard" {
  name   = "dashboard"
  scopes = setunion(provider::postern::use_preset("sendgrid", "stats"), ["email_activity.read"])
}
