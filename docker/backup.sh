#!/usr/bin/env bash
# docker/backup.sh FOLDER: both databases and the data of the stack, with checksums. A night may go on meanwhile, since
# deliveries and versions are folders that appear whole and never change.
# Left out: the secrets, which belong in another place than what they protect, and all that a night computes again.
set -euo pipefail
umask 077
mkdir -p "$1"
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
compose() { if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi; }
take() { # FILE COMMAND...: whole or not at all
  file=$folder/$1; shift
  "$@" > "$file.part"
  mv "$file.part" "$file"
}

for database in airflow suheng; do
  take "$database.dump" compose exec -T postgres pg_dump --username=postgres --format=custom "$database"
done
# Pointers first, then what waits, then what went out (as the names sort): what moves on meanwhile is not missed. Times to the
# nanosecond, since that of a file in the inbox says when it was received. A file that changes while it is read (tar ends
# with 1) is one that a department is sending, and is sent again. Not in the scheduler, whose memory is the tasks'.
take data.tar.gz compose exec -T dag-processor bash -euo pipefail -c '
  cd /srv/suheng
  list() { find "$@" ! -name ".*" -printf "%p\n" | sed "s|^\./||" | sort; }
  tar --create --format=posix --exclude=".[!.]*" --use-compress-program="gzip -1" -- \
    $(list published -mindepth 1 -maxdepth 1 -type l) $(list published -mindepth 1 -maxdepth 1 ! -type l) \
    $(list . -mindepth 1 -maxdepth 1 | grep -vxE "published|build|dbt|logs|airflow|kept\.duckdb|.*\.lock") || [ $? = 1 ]'
(cd "$folder" && sha256sum airflow.dump suheng.dump data.tar.gz > SHA256SUMS)
