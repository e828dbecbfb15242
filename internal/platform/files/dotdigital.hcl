# Dotdigital. A key is an API user: a username that the service makes, a password
# that is chosen, and HTTP Basic. Facts as published in its help centre and
# developer pages; what is ours says so.
#
# No requests block: the calls are limited by the minute and by a tier of the
# account, which an hourly limit cannot tell. The flat scheme of 2,000 calls an
# hour is deprecated, and most accounts do not have it.

platform "dotdigital" {
  title = "Dotdigital"

  password {
    username_prefix  = "apiuser-"
    username_suffix  = "@apiconnector.com"
    min_length       = 8
    not_only_letters = true
    forbidden        = ["password"]
    lock_after       = 5 # users are locked after wrong passwords; after how many is not published: ours
  }

  keys {
    name_required = false # the name is its description, a label
    unique_names  = false
    edit_scopes   = false
    expiry        = false
    disable       = true
    rotate        = true # a new password
    max_overlap   = "0s" # it ends the old one at once
    fixed_scopes  = []   # an API user may do all that the API can
  }

  # The ERROR_ code is documented, the body of a plain 401 is not: it is ours. A
  # locked user gets the same one, so that a guesser learns nothing.
  answers {
    invalid          = jsonencode({ message = "Error: ERROR_APIUSER_INVALID" })
    inactive         = jsonencode({ message = "Error: ERROR_APIUSER_INVALID" })
    expired          = jsonencode({ message = "Error: ERROR_APIUSER_INVALID" })
    locked           = jsonencode({ message = "Error: ERROR_APIUSER_INVALID" })
    account_standing = jsonencode({ message = "Forbidden: Access is denied" })
  }
}
