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
  # Any other value makes a new key. The id of the first one lets an assertion name it, as
  # OpenTofu has no outputs of earlier runs there.
  variables {
    release = run.the_apply_makes_it.apikey_id
  }

  assert {
    condition     = postern_subaccount_apikey.mail.secret_version == 2
    error_message = "Nothing was rotated."
  }
  assert {
    condition     = postern_subaccount_apikey.mail.previous_id == var.release
    error_message = "The old key is not the one that was made first."
  }
}

run "more_than_sending_is_refused" {
  command = plan

  variables {
    scopes = ["mail.send", "templates.delete"]
  }

  expect_failures = [var.scopes]
}
