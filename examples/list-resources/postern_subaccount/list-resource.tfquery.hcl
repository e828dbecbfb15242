list "postern_subaccount" "suspended" {
  provider = postern

  config {
    status = "suspended"
  }
}
