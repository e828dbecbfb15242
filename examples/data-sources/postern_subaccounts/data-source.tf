data "postern_subaccounts" "active" {
  handle_prefix = "ac"
  status        = "active"
}

output "handles" {
  value = data.postern_subaccounts.active.handles
}
