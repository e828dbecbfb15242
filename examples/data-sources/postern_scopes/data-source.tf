data "postern_scopes" "data" {
  group = "data"
}

data "postern_scopes" "of_keys" {
  name_prefix = "apikeys:"
}

output "names" {
  value = data.postern_scopes.data.names
}
