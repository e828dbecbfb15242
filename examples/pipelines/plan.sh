#!/usr/bin/env bash
# Plans for a review. Ends with 0 when there is nothing to do, with 2 when keys.tfplan
# waits to be approved and applied, and with 1 on an error or a refusal.
# Needs POSTERN_ENDPOINT and POSTERN_API_KEY, and jq.
set -euo pipefail
umask 077 # a saved plan may hold secrets

code=0
terraform plan -input=false -detailed-exitcode -out=keys.tfplan || code=$?
if [ $code -eq 2 ]; then
  # Through a pipe and into no file: the JSON shows secrets in clear text.
  terraform show -json keys.tfplan | jq -r -f "$(dirname "$0")/deny-widening.jq" || code=1
fi
[ $code -eq 2 ] || rm -f keys.tfplan
exit $code
