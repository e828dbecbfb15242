#!/usr/bin/env bash
# Writes a filesystem mirror that holds the built provider, and a CLI configuration that names it. Started by make mirror.
#
# Unlike dev_overrides, a mirror lets terraform init install the providers of others beside this one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../bin"

exe=$(go env GOEXE) platform=$(go env GOOS)_$(go env GOARCH)
program=terraform-provider-postern$exe

# A lock file holds the checksum of a version, so other bytes need a version of their own, and a higher one: then
# terraform init -upgrade takes it. It is above 0.0.0, as Terraform finds no release in a mirror that holds that only.
have=$(find mirror -name 'terraform-provider-postern_v*' -print -quit 2>/dev/null || true)
if [ -z "$have" ] || ! cmp -s "$program" "$have"; then
  rm -rf mirror
  version=0.0.$(date +%s)
  # The short source postern-dev/postern stands for the registry of whichever CLI reads it.
  for registry in registry.terraform.io registry.opentofu.org; do
    to=mirror/$registry/postern-dev/postern/$version/$platform
    mkdir -p "$to"
    cp "$program" "$to/terraform-provider-postern_v$version$exe"
  done
fi

cat >mirror.tfrc.new <<END
# Written by make mirror. To use it: export TF_CLI_CONFIG_FILE=$PWD/mirror.tfrc
provider_installation {
  filesystem_mirror {
    path    = "$PWD/mirror"
    include = ["postern-dev/postern"]
  }
  direct {
    exclude = ["postern-dev/postern"]
  }
}
END
mv mirror.tfrc.new mirror.tfrc
echo "The provider is in bin/mirror. To use it: export TF_CLI_CONFIG_FILE=$PWD/mirror.tfrc"
