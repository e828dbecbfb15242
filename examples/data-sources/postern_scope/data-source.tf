data "postern_scope" "write" {
  name = "write"
}

output "what_write_grants" {
  value = data.postern_scope.write.effective_scopes
}
