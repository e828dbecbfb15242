# In place of the resource block: Terraform forgets the key, and the key goes on to work.
removed {
  from = postern_apikey.newsletter

  lifecycle {
    destroy = false
  }
}
