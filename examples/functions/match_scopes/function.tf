locals {
  scopes = provider::postern::use_preset("sendgrid", "mail")
}

# A policy for scopes that come from elsewhere: a key deletes nothing but
# batches of mail.
check "deletes_no_more_than_batches" {
  assert {
    condition = length(setsubtract(
      setintersection(local.scopes, provider::postern::match_scopes("sendgrid", "*.delete")),
      provider::postern::match_scopes("sendgrid", "mail.batch.*"),
    )) == 0
    error_message = "The key must not delete more than batches of mail."
  }
}

output "batches" {
  # "mail.batch.create", "mail.batch.delete", "mail.batch.read" and "mail.batch.update"
  value = provider::postern::match_scopes("sendgrid", "mail.batch.*")
}
