# By handle.
terraform import postern_subaccount.acme acme
