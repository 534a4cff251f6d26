#!/usr/bin/env bash
# install-terraform.sh <version>: Terraform from its maker, for this machine's processor, by the checksum that its maker publishes.
set -euo pipefail
version=${1:?'expected the version'}
case $(uname -m) in
  aarch64 | arm64) processor=arm64 ;;
  x86_64) processor=amd64 ;;
  *) echo "install-terraform: no Terraform for $(uname -m)" >&2 && exit 1 ;;
esac
from="https://releases.hashicorp.com/terraform/$version"
file="terraform_${version}_linux_$processor.zip"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
curl --fail --silent --show-error --location --remote-name "$from/$file" --remote-name "$from/terraform_${version}_SHA256SUMS"
grep " $file\$" "terraform_${version}_SHA256SUMS" | sha256sum --check --quiet
unzip -q "$file" terraform -d /usr/local/bin
terraform version
