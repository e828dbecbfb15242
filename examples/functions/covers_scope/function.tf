variable "scopes" {
  type    = set(string)
  default = ["contacts:write", "reports:read"]

  # Refused before anything is planned.
  validation {
    condition     = !provider::postern::covers_scope("benchmark", var.scopes, "campaigns:write")
    error_message = "These keys must not send campaigns."
  }
}

output "reads_contacts" {
  # true: contacts:write implies it
  value = provider::postern::covers_scope("benchmark", var.scopes, "contacts:read")
}
