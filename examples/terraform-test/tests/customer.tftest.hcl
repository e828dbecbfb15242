# Needs `postern serve --platform sendgrid`, and in SENDGRID_API_KEY the owner
# credential that it printed.
provider "postern" {
  platform = "sendgrid"
  endpoint = "http://127.0.0.1:8411"
}

variables {
  customer = {
    username     = "example-shop"
    email        = "shop@example.com"
    ip_addresses = ["192.0.2.10"]
  }
}

run "the_plan_shows_a_key_that_only_sends" {
  command = plan

  assert {
    condition     = postern_subaccount_apikey.mail.effective_scopes == toset(["mail.send"])
    error_message = "The key may do more than send, or less."
  }
}

run "the_apply_makes_it" {
  assert {
    condition     = postern_subaccount_apikey.mail.secret_version == 1 && postern_subaccount_apikey.mail.previous_id == null
    error_message = "The key is not a first one."
  }
}

run "another_release_makes_a_new_key_and_keeps_the_old_one" {
  variables {
    release = "2"
  }

  assert {
    condition     = postern_subaccount_apikey.mail.secret_version == 2
    error_message = "Nothing was rotated."
  }
  assert {
    condition     = postern_subaccount_apikey.mail.previous_id != null && postern_subaccount_apikey.mail.previous_id != postern_subaccount_apikey.mail.id
    error_message = "There is no new key beside the old one."
  }
}

run "more_than_sending_is_refused" {
  command = plan

  variables {
    scopes = ["mail.send", "templates.delete"]
  }

  expect_failures = [var.scopes]
}
