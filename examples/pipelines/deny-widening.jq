# Fails (exit 1) when a plan gives a key that exists more than it had, or does not
# know yet what it will grant. Reads the output of `terraform show -json`.
[ .resource_changes[]?
  | select(.type == "postern_apikey" or .type == "postern_subaccount_apikey")
  | select(.change.before != null and .change.after != null)
  | { address,
      gained: ((.change.after.effective_scopes // []) - (.change.before.effective_scopes // [])),
      unknown: (.change.after_unknown.effective_scopes == true) }
  | select(.unknown or .gained != [])
  | .address + " gains " + (if .unknown then "what is known after apply only" else (.gained | join(", ")) end)
]
| if length == 0 then "no key gains anything" else "refused: \(join("; "))\n" | halt_error(1) end
