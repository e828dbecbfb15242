# The new password of an API user. It is in no plan and in no state.
variable "password" {
  type      = string
  ephemeral = true
}

action "postern_rotate_apikey" "newsletter" {
  config {
    id        = "key_3FvKq0bXy2Zr8Tn5LsWd"
    secret_wo = var.password
  }
}
