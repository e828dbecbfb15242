# A key has leaked. Run it with:
#   terraform apply -invoke=action.postern_revoke_apikey.leaked
action "postern_revoke_apikey" "leaked" {
  config {
    id = "key_3FvKq0bXy2Zr8Tn5LsWd"
  }
}

# The same for a key of a sub-account.
action "postern_revoke_apikey" "leaked_by_acme" {
  config {
    subaccount = "acme"
    id         = "key_9TzPc4mWq1Jd6Hs8RbYk"
  }
}
