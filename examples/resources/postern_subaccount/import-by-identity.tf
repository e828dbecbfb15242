import {
  to = postern_subaccount.acme
  identity = {
    handle = "acme"
  }
}
