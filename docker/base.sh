#!/usr/bin/env bash
# docker/base.sh [IMAGE]: a small Debian base image from this machine's own package mirror, settings and certificates,
# for places where no image registry can be reached. Needs root and debootstrap.
set -euo pipefail
image=${1:-suheng-base:bookworm} suite=bookworm
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
root=$folder/root
mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(LABEL)' | awk '$2 $3 == "DebianDebian" {print $1; exit}')
debootstrap --variant=minbase --include=ca-certificates,tzdata "$suite" "$root" ${mirror:+"$mirror"} >"$folder/log" 2>&1 ||
  { tail -n 20 "$folder/log" >&2; exit 1; }

# the machine's mirrors, when they are of the same release
if grep -q "^VERSION_CODENAME=$suite" /etc/os-release && ls /etc/apt/sources.list.d/*.sources >/dev/null 2>&1; then
  rm -f "$root/etc/apt/sources.list"
  cp /etc/apt/sources.list.d/debian.sources "$root/etc/apt/sources.list.d/"
fi
for file in $(grep -lE '^ *Acquire::(https?|Check|Retries)' /etc/apt/apt.conf.d/* /etc/apt/apt.conf 2>/dev/null); do
  cp "$file" "$root/etc/apt/apt.conf.d/"
done
if ls /usr/local/share/ca-certificates/*.crt >/dev/null 2>&1; then
  cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/"
  chroot "$root" update-ca-certificates >/dev/null 2>&1
fi
[ ! -f /etc/pip.conf ] || cp /etc/pip.conf "$root/etc/"

rm -rf "$root"/var/{cache/apt,lib/apt/lists,log}/* "$root"/usr/share/{doc,man,info}/* "$root"/dev/*
find "$root/usr/share/locale" -mindepth 1 -maxdepth 1 ! -name 'C*' -exec rm -rf {} +
printf 'path-exclude /usr/share/%s/*\n' doc man info locale > "$root/etc/dpkg/dpkg.cfg.d/slim"
tar -C "$root" --numeric-owner -c . | docker import --change 'CMD ["bash"]' - "$image" >/dev/null
