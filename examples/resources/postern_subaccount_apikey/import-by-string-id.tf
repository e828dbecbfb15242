import {
  to = postern_subaccount_apikey.acme_app
  id = "acme/key_3FvKq0bXy2Zr8Tn5LsWd"
}
