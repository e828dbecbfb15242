list "postern_scope" "crm" {
  provider = postern

  config {
    name_prefix = "crm:"
  }
}
