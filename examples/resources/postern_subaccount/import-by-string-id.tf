import {
  to = postern_subaccount.acme
  id = "acme"
}
