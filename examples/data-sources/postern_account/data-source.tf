data "postern_account" "this" {}

# A configuration that is written for one platform says so.
check "platform" {
  assert {
    condition     = data.postern_account.this.platform == "postern"
    error_message = "This account is on platform ${data.postern_account.this.platform}."
  }
}
