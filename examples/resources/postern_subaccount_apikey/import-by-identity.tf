import {
  to = postern_subaccount_apikey.acme_app
  identity = {
    subaccount = "acme"
    id         = "key_3FvKq0bXy2Zr8Tn5LsWd"
  }
}
