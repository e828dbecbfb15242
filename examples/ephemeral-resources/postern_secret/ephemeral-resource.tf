# Another secret each time Terraform runs; the key takes it when it is made and
# when it is rotated.
ephemeral "postern_secret" "newsletter" {}

resource "postern_apikey" "newsletter" {
  name      = "newsletter-service"
  scopes    = ["write"]
  secret_wo = ephemeral.postern_secret.newsletter.secret
}
