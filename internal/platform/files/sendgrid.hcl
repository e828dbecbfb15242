# SendGrid, API v3. Facts as published by Twilio (API reference of API keys and
# subusers, API Key Permissions, Teammate Permissions); what is ours says so.
#
# The 274 scopes: 203 of the API Key Permissions page, 69 that only the Teammate
# Permissions page lists, 2 that an account's own list had. No scope implies
# another one here: a key does exactly what its scopes name.

platform "sendgrid" {
  title = "SendGrid"

  # 69 characters: "SG.", the key's id of 22, a dot, and 43 at random.
  secret {
    prefix    = "SG."
    alphabet  = "base64url"
    id_length = 22
    length    = 43
  }

  keys {
    name_required = true
    unique_names  = false
    edit_scopes   = true
    expiry        = false
    disable       = false
    rotate        = false # a key is replaced: a new one, then the old one goes
    max_overlap   = "0s"
    limit         = 100
  }

  # Subusers. Which characters a username may have is not documented: this is
  # ours. A subuser's keys are counted as those of an account.
  subaccounts {
    handle       = "[A-Za-z0-9][A-Za-z0-9._@-]{2,63}"
    handle_words = "3 to 64 letters, digits, \".\", \"_\", \"@\" and \"-\", beginning with a letter or digit"
    generate     = false
    key_limit    = 100
  }

  group "alerts" {
    title = "Alerts"
    read  = ["alerts.read"]
    full  = ["alerts.create", "alerts.delete", "alerts.update"]
  }

  group "api_keys" {
    title = "API Keys"
    read  = ["api_keys.read"]
    full  = ["api_keys.create", "api_keys.delete", "api_keys.update"]
    rights = {
      "api_keys.create" = ["apikeys:create"]
      "api_keys.read"   = ["apikeys:read"]
      "api_keys.update" = ["apikeys:update"]
      "api_keys.delete" = ["apikeys:delete"]
    }
  }

  group "asm_groups" {
    title = "ASM Groups"
    read  = ["asm.groups.read", "asm.groups.suppressions.read", "asm.suppressions.global.read"]
    full = [
      "asm.groups.create", "asm.groups.delete", "asm.groups.update",
      "asm.groups.suppressions.create", "asm.groups.suppressions.delete", "asm.groups.suppressions.update",
      "asm.suppressions.global.create", "asm.suppressions.global.delete", "asm.suppressions.global.update",
    ]
  }

  # Never in one key with scopes of anything else.
  group "billing" {
    title = "Billing"
    class = "billing"
    read  = ["billing.read"]
    full  = ["billing.create", "billing.delete", "billing.update"]
  }

  group "categories" {
    title = "Categories"
    read  = ["categories.read", "categories.stats.read", "categories.stats.sums.read"]
    full  = ["categories.create", "categories.delete", "categories.update"]
  }

  # The documentation has these under Stats as well.
  group "clients" {
    title = "Clients"
    read = [
      "clients.desktop.stats.read", "clients.phone.stats.read", "clients.stats.read", "clients.tablet.stats.read",
      "clients.webmail.stats.read",
    ]
  }

  group "credentials" {
    title = "Credentials"
    read  = ["credentials.read"]
    full  = ["credentials.create", "credentials.delete", "credentials.update"]
  }

  group "deliverability_insights" {
    title = "Deliverability Insights"
    read  = ["di.bounce_block_classification.read"]
  }

  group "design_library" {
    title = "Design Library"
    read  = ["design_library.read"]
    full  = ["design_library.create", "design_library.delete", "design_library.update"]
  }

  group "domain_authentication" {
    title = "Domain Authentication (formerly Whitelabel)"
    read  = ["whitelabel.read"]
    full  = ["whitelabel.create", "whitelabel.delete", "whitelabel.update"]
  }

  # The documentation: marketing.read gives both read and write. So it is no read level.
  group "email_marketing" {
    title = "Email Marketing"
    read  = ["marketing.automation.read"]
    full  = ["marketing.read"]
  }

  group "email_testing" {
    title = "Email Testing"
    read  = ["email_testing.read"]
    full  = ["email_testing.write"]
  }

  group "email_validations" {
    title = "Email Validations"
    read  = ["validations.email.read"]
    full  = ["validations.email.create"]
  }

  group "ips" {
    title = "IPs"
    read  = ["ips.assigned.read", "ips.pools.ips.read", "ips.pools.read", "ips.read", "ips.warmup.read"]
    full = [
      "ips.create", "ips.delete", "ips.update",
      "ips.pools.create", "ips.pools.delete", "ips.pools.update",
      "ips.pools.ips.create", "ips.pools.ips.delete", "ips.pools.ips.update",
      "ips.warmup.create", "ips.warmup.delete", "ips.warmup.update",
    ]
  }

  group "mail" {
    title = "Mail"
    read  = ["mail.batch.read"]
    full = [
      "mail.batch.create", "mail.batch.delete", "mail.batch.update",
      "mail.send",
    ]
  }

  group "mail_settings" {
    title = "Mail Settings"
    read = [
      "mail_settings.address_whitelist.read", "mail_settings.bcc.read", "mail_settings.bounce_purge.read",
      "mail_settings.footer.read", "mail_settings.forward_bounce.read", "mail_settings.forward_spam.read",
      "mail_settings.plain_content.read", "mail_settings.read", "mail_settings.spam_check.read", "mail_settings.template.read",
    ]
    full = [
      "mail_settings.address_whitelist.create", "mail_settings.address_whitelist.delete", "mail_settings.address_whitelist.update",
      "mail_settings.bcc.create", "mail_settings.bcc.delete", "mail_settings.bcc.update",
      "mail_settings.bounce_purge.create", "mail_settings.bounce_purge.delete", "mail_settings.bounce_purge.update",
      "mail_settings.footer.create", "mail_settings.footer.delete", "mail_settings.footer.update",
      "mail_settings.forward_bounce.create", "mail_settings.forward_bounce.delete", "mail_settings.forward_bounce.update",
      "mail_settings.forward_spam.create", "mail_settings.forward_spam.delete", "mail_settings.forward_spam.update",
      "mail_settings.plain_content.create", "mail_settings.plain_content.delete", "mail_settings.plain_content.update",
      "mail_settings.spam_check.create", "mail_settings.spam_check.delete", "mail_settings.spam_check.update",
      "mail_settings.template.create", "mail_settings.template.delete", "mail_settings.template.update",
    ]
  }

  group "marketing_campaigns_legacy" {
    title = "Marketing Campaigns Legacy"
    read  = ["marketing_campaigns.read"]
    full  = ["marketing_campaigns.create", "marketing_campaigns.delete", "marketing_campaigns.update"]
  }

  group "newsletter" {
    title = "Newsletter"
    read  = ["newsletter.read"]
    full  = ["newsletter.create", "newsletter.delete", "newsletter.update"]
  }

  group "partner_settings" {
    title = "Partner Settings"
    read  = ["partner_settings.new_relic.read", "partner_settings.read", "partner_settings.sendwithus.read"]
    full = [
      "partner_settings.new_relic.create", "partner_settings.new_relic.delete", "partner_settings.new_relic.update",
      "partner_settings.sendwithus.create", "partner_settings.sendwithus.delete", "partner_settings.sendwithus.update",
    ]
  }

  # From an account's own list of scopes only; in no documentation.
  group "recipients_data_erasure" {
    title = "Recipients Data Erasure"
    read  = ["recipients.erasejob.read"]
    full  = ["recipients.erasejob.create"]
  }

  group "reverse_dns" {
    title = "Reverse DNS (formerly Whitelist)"
    read  = ["access_settings.activity.read", "access_settings.whitelist.read"]
    full  = ["access_settings.whitelist.create", "access_settings.whitelist.delete", "access_settings.whitelist.update"]
  }

  group "scheduled_sends" {
    title = "Scheduled Sends"
    read  = ["user.scheduled_sends.read"]
    full  = ["user.scheduled_sends.create", "user.scheduled_sends.delete", "user.scheduled_sends.update"]
  }

  group "single_sign_on" {
    title = "Single Sign-On"
    read  = ["sso.settings.read"]
    full = [
      "sso.settings.create", "sso.settings.delete", "sso.settings.update",
      "sso.teammates.create", "sso.teammates.update",
    ]
  }

  group "stats" {
    title = "Stats"
    read = [
      "browsers.stats.read",
      "devices.stats.read",
      "email_activity.read",
      "geo.stats.read",
      "mailbox_providers.stats.read",
      "messages.read",
      "stats.global.read", "stats.read",
    ]
  }

  group "subusers" {
    title = "Subusers"
    read = [
      "subusers.credits.read", "subusers.credits.remaining.read", "subusers.monitor.read", "subusers.read",
      "subusers.reputations.read", "subusers.stats.monthly.read", "subusers.stats.read", "subusers.stats.sums.read",
      "subusers.summary.read",
    ]
    full = [
      "subusers.create", "subusers.delete", "subusers.update",
      "subusers.credits.create", "subusers.credits.delete", "subusers.credits.update",
      "subusers.credits.remaining.create", "subusers.credits.remaining.delete", "subusers.credits.remaining.update",
      "subusers.monitor.create", "subusers.monitor.delete", "subusers.monitor.update",
    ]
    rights = {
      "subusers.create" = ["subaccounts:create"]
      "subusers.read"   = ["subaccounts:read"]
      "subusers.update" = ["subaccounts:update"]
      "subusers.delete" = ["subaccounts:delete"]
    }
  }

  group "suppressions" {
    title = "Suppressions"
    read = [
      "suppression.blocks.read", "suppression.bounces.read", "suppression.invalid_emails.read", "suppression.read",
      "suppression.spam_reports.read", "suppression.unsubscribes.read",
    ]
    full = [
      "suppression.blocks.create", "suppression.blocks.delete", "suppression.blocks.update",
      "suppression.bounces.create", "suppression.bounces.delete", "suppression.bounces.update",
      "suppression.create", "suppression.delete", "suppression.update",
      "suppression.invalid_emails.create", "suppression.invalid_emails.delete", "suppression.invalid_emails.update",
      "suppression.spam_reports.create", "suppression.spam_reports.delete", "suppression.spam_reports.update",
      "suppression.unsubscribes.create", "suppression.unsubscribes.delete", "suppression.unsubscribes.update",
    ]
  }

  group "teammates" {
    title = "Teammates"
    read  = ["teammates.read"]
    full  = ["teammates.create", "teammates.delete", "teammates.update"]
  }

  group "templates" {
    title = "Templates"
    read  = ["templates.read", "templates.versions.activate.read", "templates.versions.read"]
    full = [
      "templates.create", "templates.delete", "templates.update",
      "templates.versions.activate.create", "templates.versions.activate.delete", "templates.versions.activate.update",
      "templates.versions.create", "templates.versions.delete", "templates.versions.update",
    ]
  }

  group "tracking" {
    title = "Tracking"
    read = [
      "tracking_settings.click.read", "tracking_settings.google_analytics.read", "tracking_settings.open.read",
      "tracking_settings.read", "tracking_settings.subscription.read",
    ]
    full = [
      "tracking_settings.click.create", "tracking_settings.click.delete", "tracking_settings.click.update",
      "tracking_settings.google_analytics.create", "tracking_settings.google_analytics.delete",
      "tracking_settings.google_analytics.update",
      "tracking_settings.open.create", "tracking_settings.open.delete", "tracking_settings.open.update",
      "tracking_settings.subscription.create", "tracking_settings.subscription.delete", "tracking_settings.subscription.update",
    ]
  }

  group "user_settings" {
    title = "User Settings"
    read = [
      "user.account.read", "user.credits.read", "user.email.read", "user.multifactor_authentication.read", "user.password.read",
      "user.profile.read", "user.settings.enforced_tls.read", "user.timezone.read", "user.username.read",
    ]
    full = [
      "user.email.create", "user.email.delete", "user.email.update",
      "user.multifactor_authentication.create", "user.multifactor_authentication.delete", "user.multifactor_authentication.update",
      "user.password.create", "user.password.delete", "user.password.update",
      "user.profile.create", "user.profile.delete", "user.profile.update",
      "user.settings.enforced_tls.update",
      "user.timezone.create", "user.timezone.delete", "user.timezone.update",
      "user.username.create", "user.username.delete", "user.username.update",
    ]
  }

  group "webhook" {
    title = "Webhook"
    read = [
      "user.webhooks.event.settings.read", "user.webhooks.event.test.read", "user.webhooks.parse.settings.read",
      "user.webhooks.parse.stats.read",
    ]
    full = [
      "user.webhooks.event.settings.create", "user.webhooks.event.settings.delete", "user.webhooks.event.settings.update",
      "user.webhooks.event.test.create", "user.webhooks.event.test.delete", "user.webhooks.event.test.update",
      "user.webhooks.parse.settings.create", "user.webhooks.parse.settings.delete", "user.webhooks.parse.settings.update",
    ]
  }

  # What the service adds to keys by itself, by the kind of account. Which of
  # them a new key gets differs; these two are the most common.
  automatic_scopes {
    names = [
      "2fa_exempt", "2fa_required", "sender_verification_eligible", "sender_verification_exempt", "sender_verification_legacy",
      "signup.trigger_confirmation", "ui.confirm_email", "ui.provision", "ui.signup_complete",
    ]
    added = ["2fa_required", "sender_verification_eligible"]
  }

  # The documentation names the sets for mail and stats; the others are whole groups.
  preset "billing" {
    description = "Billing, which no key holds with anything else."
    access      = { billing = "full" }
  }

  preset "mail" {
    description = "Send mail, with batches to cancel or pause."
    access      = { mail = "full" }
  }

  preset "marketing" {
    description = "Email Marketing, read and write."
    access      = { email_marketing = "full" }
  }

  preset "stats" {
    description = "Read the account's statistics."
    scopes      = ["stats.global.read", "stats.read"]
  }

  preset "whitelabel" {
    description = "Set up domain authentication, formerly whitelabel."
    access      = { domain_authentication = "full" }
  }

  # One text for every key that does not work: the service does not tell them apart.
  answers {
    invalid          = jsonencode({ errors = [{ field = null, message = "The provided authorization grant is invalid, expired, or revoked" }] })
    inactive         = jsonencode({ errors = [{ field = null, message = "The provided authorization grant is invalid, expired, or revoked" }] })
    expired          = jsonencode({ errors = [{ field = null, message = "The provided authorization grant is invalid, expired, or revoked" }] })
    account_standing = jsonencode({ errors = [{ field = null, message = "access forbidden" }] })
    missing_scope    = jsonencode({ errors = [{ field = null, message = "access forbidden" }] })
    rate_limited     = jsonencode({ errors = [{ field = null, message = "too many requests" }] })
  }
}
