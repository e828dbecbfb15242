data "postern_subaccount" "acme" {
  handle = "acme"
}

# A warning before the limit is reached.
check "room_for_keys" {
  assert {
    condition     = data.postern_subaccount.acme.apikeys_used < 90
    error_message = "Sub-account acme has nearly 100 keys."
  }
}
