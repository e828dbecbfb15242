# Fails (exit 1) when a plan does anything but rotate keys.
# Reads the output of `terraform show -json`.

# What a rotation changes; the second line where it makes a new key in the old one's
# place, as on SendGrid and MailChannels, and where a later run deletes the old one.
def rotation: ["secret", "secret_hint", "secret_version", "secret_created_at", "previous_secret_expires_at", "rotation_reason", "rotates_after",
  "id", "previous_id", "created_at"];

def changed: .change as $c
  | [ ($c.before + $c.after + $c.after_unknown | keys[])
      | select($c.after_unknown[.] == true or $c.before[.] != $c.after[.]) ];

[ .resource_changes[]?
  | select(.mode == "managed" and .change.actions != ["no-op"])
  | select(((.type == "postern_apikey" or .type == "postern_subaccount_apikey")
      and .change.actions == ["update"] and changed - rotation == []) | not)
  | .address + ": " + (.change.actions | join(", "))
]
| if length == 0 then "only rotations" else "not only rotations: \(join("; "))\n" | halt_error(1) end
