# By name.
terraform import postern_scope.invoices_read invoices:read
