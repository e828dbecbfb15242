data "postern_subaccounts" "all" {}

# The keys of every sub-account that may write.
data "postern_subaccount_apikeys" "writers" {
  for_each   = data.postern_subaccounts.all.handles
  subaccount = each.key
  scope      = "write"
}

output "writers" {
  value = { for handle, found in data.postern_subaccount_apikeys.writers : handle => found.apikeys[*].name }
}
