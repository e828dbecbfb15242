resource "postern_subaccount" "acme" {
  handle       = "acme"
  name         = "Acme Ltd."
  apikey_limit = 20
}

# Its keys do not work until it is active again.
resource "postern_subaccount" "overdue" {
  handle = "overdue"
  name   = "A customer who has not paid"
  status = "suspended"

  # A destroy takes along the keys that it still has.
  delete_apikeys_on_destroy = true
}
