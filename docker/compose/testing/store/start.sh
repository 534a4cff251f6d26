#!/bin/sh
# Data in /data, S3 on port 8333, one user with the keys of the environment.
set -eu
cat > /tmp/ceph.conf <<END
[global]
fsid = 2f1f2f0e-5f5f-4c9b-9f43-3a1d0d0f7c11
rgw_backend_store = dbstore
rgw_config_store = dbstore
dbstore_db_dir = /data
dbstore_config_uri = file:/data/config.db
rgw_data = /data
rgw_frontends = beast port=8333
admin_socket = /tmp/rgw.asok
crash_dir = /tmp
log_to_stderr = true
log_to_file = false
debug_rgw = 0
rgw_thread_pool_size = 64
END
# The command hangs at its end now and then; what it did is done.
admin() { timeout --kill-after=1 5 radosgw-admin -c /tmp/ceph.conf --no-mon-config "$@" >/dev/null 2>&1; }
attempt=0
until admin user info --uid=dayshift; do
  attempt=$((attempt + 1))
  [ $attempt -le 10 ] || { echo "The user could not be made." >&2; exit 1; }
  admin user create --uid=dayshift --display-name=Dayshift \
    --access-key="$AWS_ACCESS_KEY_ID" --secret-key="$AWS_SECRET_ACCESS_KEY" || true
done
exec radosgw -f -c /tmp/ceph.conf --no-mon-config
