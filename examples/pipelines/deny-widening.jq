# Fails (exit 1) when a plan gives a key that exists more than it had, lets a scope that
# exists grant more, or does not know yet what a key will grant. A new key that comes while
# another one goes is compared with that one: a key under another name is no new key.
# Lists what new keys will grant. Reads the output of `terraform show -json`.

def is_key: .type == "postern_apikey" or .type == "postern_subaccount_apikey";
def was: .change.before.effective_scopes // [];
def grants: .change.after.effective_scopes // [];

# A text of the plan as one short line: names are anybody's, and a terminal obeys some characters.
def line: gsub("[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]"; "?") | if length > 200 then .[:200] + "..." else . end;
def few: (.[:20] | map(line) | join(", ")) + (if length > 20 then " and \(length - 20) more" else "" end);
def lines: (.[:50] | join("\n")) + (if length > 50 then "\nand \(length - 50) more" else "" end);

if .errored == true or .format_version == null then "refused: this is no whole plan\n" | halt_error(1) else .  end
| [ .resource_changes[]? | select(.mode == "managed") ] as $all
| [ $all[] | select(is_key) ] as $keys
| [ $keys[] | select(.change.actions == ["delete"] or .change.actions == ["forget"]) | was[] ] as $leaving
| [ $keys[] | select(.change.actions == ["delete"] or .change.actions == ["forget"]) ] as $gone
| [ $keys[] | select(.change.before == null and .change.after != null) ] as $new
| [ ( $keys[]
      | select(.change.before != null and .change.after != null)
      | { address, gained: (grants - was), unknown: (.change.after_unknown.effective_scopes == true) } ),
    ( $new[]
      | { address, gained: (if $gone == [] then [] else grants - $leaving end), unknown: (.change.after_unknown.effective_scopes == true) } ),
    ( $all[]
      | select(.type == "postern_scope" and .change.before != null and .change.after != null)
      | { address, gained: (grants - was), unknown: (.change.after_unknown.effective_scopes == true) } )
  | select(.unknown or .gained != [])
  | (.address | line) + " gains " + (if .unknown then "what is known after apply only" else (.gained | few) end)
] as $refused
| [ $new[] | (.address | line) + " is new and grants " + (if grants == [] then "nothing" else (grants | few) end) ] as $listed
| if $refused != [] then "refused: \($refused | lines)\n" | halt_error(1)
  elif $listed != [] then ($listed + ["no key that exists gains anything"] | lines)
  else "no key gains anything" end
