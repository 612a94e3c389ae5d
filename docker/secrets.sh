#!/bin/sh
# docker/secrets.sh [FOLDER]: make the secrets that are missing; those that are there stay as they are.
# The folder is closed (700). The files in it are readable (444), because compose mounts them as they are and no
# container runs as root.
set -eu
folder=${1:-${SUHENG_SECRETS:-secrets}}
mkdir -p "$folder"
chmod 700 "$folder"

make() { # NAME COMMAND...: where a secret was missing, docker may have left an empty folder
  name=$1; shift
  [ ! -d "$folder/$name" ] || rmdir "$folder/$name"
  [ -e "$folder/$name" ] || { "$@" > "$folder/.$name"; chmod 444 "$folder/.$name"; mv "$folder/.$name" "$folder/$name"; }
}
random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
fernet() { head -c 32 /dev/urandom | base64 | tr '+/' '-_'; }

for name in airflow_db_password suheng_db_password suheng_reader_password admin_password jwt_secret api_secret_key \
  pseudonym_key; do
  make "$name" random
done
make fernet_key fernet
make alerts true # addresses of apprise, one a line; empty: no alerts
