resource "postern_apikey" "editor" {
  name = "template-editor"
  scopes = provider::postern::grant_access("sendgrid", {
    templates = "full"
    stats     = "read"
    mail      = "none"
  })
}
