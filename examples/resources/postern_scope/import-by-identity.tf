import {
  to = postern_scope.invoices_read
  identity = {
    name = "invoices:read"
  }
}
