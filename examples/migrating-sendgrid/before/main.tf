# What there is: a key that another provider made.
terraform {
  required_providers {
    sendgrid = {
      source = "kenzo0107/sendgrid"
    }
  }
}

provider "sendgrid" {}

resource "sendgrid_api_key" "newsletter" {
  name   = "newsletter-service"
  scopes = ["mail.send", "stats.read"]
}
