#!/usr/bin/env bash
# docker/restore.sh FOLDER: a backup into a stack with empty volumes (docker-compose down -v) and the secrets of the
# stack that it came from; then starts everything.
set -euo pipefail
folder=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
compose() { if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi; }

(cd "$folder" && sha256sum --check --quiet SHA256SUMS)
compose up -d postgres
for _ in $(seq 60); do compose exec -T postgres pg_isready --quiet --host=127.0.0.1 && break; sleep 1; done
tables=$(compose exec -T postgres psql -U postgres -d airflow -Atc "select count(*) from pg_tables where schemaname = 'public'")
files=$(compose run --rm --no-deps -T init sh -c 'find /srv/suheng -type f | wc -l')
if [ "$tables$files" != 00 ]; then
  echo '只能恢复到空的卷：先运行 docker-compose down -v（现有的数据会删除） (restore needs empty volumes)' >&2
  exit 1
fi
for database in airflow suheng; do
  compose exec -T postgres pg_restore --username=postgres --single-transaction --dbname="$database" < "$folder/$database.dump"
done
compose run --rm --no-deps -T init tar --directory=/srv/suheng --extract --gzip < "$folder/data.tar.gz"
compose up -d
