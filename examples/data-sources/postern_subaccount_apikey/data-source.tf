# By name, or by id.
data "postern_subaccount_apikey" "app" {
  subaccount = "acme"
  name       = "app"
}

output "what_it_grants" {
  value = data.postern_subaccount_apikey.app.effective_scopes
}
