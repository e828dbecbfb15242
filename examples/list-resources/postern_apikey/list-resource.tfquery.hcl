# The keys of the pipelines that work. With -generate-config-out=keys.tf, terraform query
# writes resource and import blocks for what it finds.
list "postern_apikey" "pipelines" {
  provider = postern

  config {
    name_prefix = "ci-"
    status      = "active"
  }
}
