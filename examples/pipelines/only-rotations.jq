# Fails (exit 1) when a plan does anything but rotate keys.
# Reads the output of `terraform show -json`.

# What a rotation changes; the second line where it makes a new key in the old one's
# place, as on SendGrid and MailChannels, and where a later run deletes the old one.
def rotation: ["secret", "secret_hint", "secret_version", "secret_created_at", "previous_secret_expires_at", "rotation_reason", "rotates_after",
  "id", "previous_id", "created_at"];

def changed: .change as $c
  | [ ($c.before + $c.after + $c.after_unknown | keys[])
      | select($c.after_unknown[.] == true or $c.before[.] != $c.after[.]) ];

# The key that a rotation replaces is the one that was there, and no other.
def replaces_itself: .change | .after.previous_id == null or .after.previous_id == .before.previous_id or .after.previous_id == .before.id;

def rotates: (.type == "postern_apikey" or .type == "postern_subaccount_apikey")
  and .change.actions == ["update"] and changed - rotation == [] and replaces_itself;

# An import, a move and a deposed object change what Terraform takes for its own.
def stays: .change.importing == null and .previous_address == null and .deposed == null;

# A text of the plan as one short line: names are anybody's, and a terminal obeys some characters.
def line: gsub("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]"; "?") | if length > 200 then .[:200] + "..." else . end;
def lines: (.[:50] | join("\n")) + (if length > 50 then "\nand \(length - 50) more" else "" end);

if .errored == true or .format_version == null then "not only rotations: this is no whole plan\n" | halt_error(1) else
  [ ( .resource_changes[]?
      | select(.mode == "managed")
      | select((.change.actions == ["no-op"] or rotates) and stays | not)
      | (.address | line) + ": " + (.change.actions | join(", ")) + (if .change.importing != null then ", import" else "" end)
        + (if .previous_address != null then ", moved from " + (.previous_address | line) else "" end) ),
    ( (.action_invocations // [], .deferred_changes // [], .deferred_action_invocations // [])[]
      | (.address // .resource_change.address // .action_invocation.address // "something" | tostring | line) + ": an action, or what is put off" )
  ]
  | if length == 0 then "only rotations" else "not only rotations: \(lines)\n" | halt_error(1) end
end
