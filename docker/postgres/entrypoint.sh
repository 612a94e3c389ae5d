#!/usr/bin/env bash
# PostgreSQL; on an empty volume, its cluster, roles and databases first. They are made beside their place and renamed
# when they are complete, so that a start that is killed half-way leaves nothing to repair.
set -euo pipefail
if [ ! -e "$PGDATA" ]; then
  new=$PGDATA.new
  rm -rf "$new"
  # the superuser has no password: it enters through the container's own socket only
  initdb --pgdata="$new" --username=postgres --auth-local=peer --auth-host=scram-sha-256 \
    --data-checksums --encoding=UTF8 --locale=C.UTF-8
  echo 'host all all all scram-sha-256' >> "$new/pg_hba.conf"
  pg_ctl --pgdata="$new" --wait --options="-c listen_addresses=''" start
  psql --no-psqlrc --set=ON_ERROR_STOP=1 --dbname=postgres --file=/opt/postgres/databases.sql
  pg_ctl --pgdata="$new" --wait --mode=fast stop
  mv "$new" "$PGDATA"
fi
exec postgres -c listen_addresses='*' "$@"
