#!/usr/bin/env bash
# Writes docs/ from the provider's schema, templates/ and examples/. Started by make generate.
#
# tfplugindocs can ask terraform for the schema, but then downloads one, and what docs/ holds depends on its version.
# The provider itself is asked instead.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

schema=$(mktemp)
trap 'rm -f "$schema"' EXIT
go run ./internal/docschema >"$schema"

# tfplugindocs tells every file it looks at; that matters only when it fails.
quietly() {
  local out
  out=$("$@" 2>&1) || { printf '%s\n' "$out" >&2; return 1; }
}
quietly bin/tools/tfplugindocs generate --provider-name postern --rendered-provider-name Postern \
  --providers-schema "$schema"
quietly bin/tools/tfplugindocs validate --provider-name postern --providers-schema "$schema"
