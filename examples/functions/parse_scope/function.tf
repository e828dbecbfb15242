output "what_it_is" {
  # group "templates", level "full", class "general"
  value = provider::postern::parse_scope("sendgrid", "templates.versions.update")
}

# Names by the group that they belong to.
output "by_group" {
  value = {
    for name in ["templates.read", "mail.send"] :
    provider::postern::parse_scope("sendgrid", name).group => name...
  }
}
