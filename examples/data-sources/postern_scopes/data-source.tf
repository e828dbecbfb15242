data "postern_scopes" "data" {
  group = "data"
}

output "names" {
  value = data.postern_scopes.data.names
}
