#!/usr/bin/env bash
# Plans for a review. Ends with 0 when there is nothing to do, with 2 when keys.tfplan
# waits to be approved and applied, and with 1 on an error or a refusal.
# Needs POSTERN_ENDPOINT and POSTERN_API_KEY, and jq.
set -euo pipefail
umask 077 # a saved plan may hold secrets
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

# A plan has the name that is applied only once the filter has passed it, whatever ends this
# script before.
rm -f keys.tfplan
trap 'rm -f unchecked.tfplan' EXIT

code=0
terraform plan -input=false -detailed-exitcode -out=unchecked.tfplan || code=$?
case $code in
  0) exit 0 ;;
  2) ;;
  *) exit 1 ;;
esac
# Through a pipe and into no file: the JSON shows secrets in clear text.
terraform show -json unchecked.tfplan | jq -e -r -f "$here/deny-widening.jq" || exit 1
mv unchecked.tfplan keys.tfplan
exit 2
