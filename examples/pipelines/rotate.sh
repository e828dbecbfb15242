#!/usr/bin/env bash
# For a schedule: rotates what is due, unattended, and nothing else. Ends with 0 when
# nothing is due or it is done, and with 1 when the plan has any other change.
# Needs POSTERN_ENDPOINT and POSTERN_API_KEY, or the vendor's variable, and jq.
set -euo pipefail
umask 077
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
trap 'rm -f rotate.tfplan' EXIT

code=0
terraform plan -input=false -detailed-exitcode -out=rotate.tfplan || code=$?
case $code in
  0) exit 0 ;;
  2) ;;
  *) exit 1 ;;
esac
terraform show -json rotate.tfplan | jq -e -r -f "$here/only-rotations.jq" || exit 1
terraform apply -input=false rotate.tfplan
