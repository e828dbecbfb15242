terraform {
  required_providers {
    postern = {
      source = "postern-dev/postern"
    }
  }
}

# The credential comes from the environment variable POSTERN_API_KEY.
provider "postern" {
  endpoint = "https://postern.example.com"
}
