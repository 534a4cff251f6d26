#!/usr/bin/env bash
# The tests on real PostgreSQL with pgvector and real Valkey, which it starts and takes away. Needs a Docker engine.
set -euo pipefail
cd "$(dirname "$0")/../.."
image() { npm run --silent images | grep "^$1:"; }
password=$(head -c 18 /dev/urandom | base64 | tr -d '+/=')
export POSTGRES_PASSWORD=$password
database=$(docker run --detach --rm --publish 127.0.0.1::5432 --env POSTGRES_PASSWORD "$(image pgvector/pgvector)")
cache=$(docker run --detach --rm --publish 127.0.0.1::6379 "$(image valkey/valkey)")
trap 'docker stop "$database" "$cache" >/dev/null' EXIT
# While it makes its first database it answers on its socket alone, and then starts again.
for _ in $(seq 60); do
  docker exec "$database" pg_isready --quiet --host 127.0.0.1 --username postgres && break
  sleep 1
done
TEST_DATABASE_URL="postgres://postgres:$password@$(docker port "$database" 5432/tcp)/postgres" \
  TEST_REDIS_URL="redis://$(docker port "$cache" 6379/tcp)" \
  npm run --silent test:services
