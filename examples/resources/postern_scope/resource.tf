resource "postern_scope" "invoices_read" {
  name        = "invoices:read"
  description = "Read invoices and their lines."
  group       = "invoices"
}

resource "postern_scope" "invoices_write" {
  name        = "invoices:write"
  description = "Create and change invoices."
  group       = "invoices"
  implies     = [postern_scope.invoices_read.name]

  # Keys that hold it move over before it goes: a scope in use is not deleted.
  lifecycle {
    create_before_destroy = true
  }
}

# A reference, so that Terraform knows the order and the plan what the key grants.
resource "postern_apikey" "billing" {
  name   = "billing-service"
  scopes = [postern_scope.invoices_write.name]
}
