#!/usr/bin/env bash
# push-images.sh <commit>: builds the images of a commit, pushes them under its name and prints WEB_DIGEST=… and WORKER_DIGEST=….
# A tag is never given twice: what is in the registry already is not built again.
set -euo pipefail
# Attestations would be two more entries of each image in the registry, which keeps twenty.
export BUILDX_NO_DEFAULT_ATTESTATIONS=1
commit=${1:?'expected the commit'}
cd "$(dirname "$0")/../.."
account=$(aws sts get-caller-identity --query Account --output text)
region=${AWS_REGION:?'expected the region of the registry'}
registry="$account.dkr.ecr.$region.amazonaws.com"
version=$(node --print 'require("./package.json").version')

digest_of() {
  aws ecr describe-images --region "$region" --repository-name "dayshift/$1" --image-ids "imageTag=$commit" \
    --query 'imageDetails[0].imageDigest' --output text
}

aws ecr get-login-password --region "$region" | docker login --username AWS --password-stdin "$registry" >&2
for name in web worker; do
  if ! digest=$(digest_of "$name" 2>/dev/null); then
    npm run --silent image -- "$name" >&2
    docker tag "dayshift-$name:$version" "$registry/dayshift/$name:$commit" >&2
    docker push "$registry/dayshift/$name:$commit" >&2
    digest=$(digest_of "$name")
  fi
  [[ $digest =~ ^sha256:[0-9a-f]{64}$ ]] || { echo "dayshift/$name:$commit: expected a digest, came $digest" >&2; exit 1; }
  echo "${name^^}_DIGEST=$digest"
done
