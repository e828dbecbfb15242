# The keys of one sub-account, with all that an import would bring.
list "postern_subaccount_apikey" "acme" {
  provider         = postern
  include_resource = true

  config {
    subaccount = "acme"
  }
}

# Keys of every sub-account that were given the scope write.
list "postern_subaccount_apikey" "writers" {
  provider = postern
  limit    = 500

  config {
    scope = "write"
  }
}
