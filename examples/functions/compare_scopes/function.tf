locals {
  agreed = ["contacts:write", "reports:read"]
  asked  = ["contacts:read", "campaigns:write"]
  change = provider::postern::compare_scopes("benchmark", local.agreed, local.asked)
}

output "gained" {
  # "campaigns:read" and "campaigns:write", but not "contacts:read": it was implied
  value = local.change.gained
}

output "lost" {
  # "contacts:write" and "reports:read"
  value = local.change.lost
}
