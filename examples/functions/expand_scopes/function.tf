output "what_write_grants" {
  # "contacts:read" and "contacts:write"
  value = provider::postern::expand_scopes("benchmark", ["contacts:write"])
}
