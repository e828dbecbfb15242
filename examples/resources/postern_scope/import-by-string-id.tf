import {
  to = postern_scope.invoices_read
  id = "invoices:read"
}
