#!/usr/bin/env bash
# deb.sh PACKAGE.deb: does the package install and run on a clean system? A minimal Debian of this
# machine's release is unpacked below /var/tmp (debootstrap), apt installs the package with what it
# depends on, and a log is simulated, read and tested there. Needs root; removes the system again.
set -eu
package=$(realpath "${1:?usage: deb.sh PACKAGE.deb}")
[ "$(id -u)" = 0 ] || { echo "deb.sh: expected root, found $(id -un)"; exit 1; }
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\?\(http[^ ]*\) .*/\2/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources 2>/dev/null | grep -m 1 '/debian/*$' || true)
root=$(mktemp -d /var/tmp/dnsclaim-deb.XXXXXX)
trap 'rm -rf --one-file-system "$root"' EXIT
within() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
    DEBIAN_FRONTEND=noninteractive "$@"; }
said() { "$@" >"$root/log" 2>&1 || { tail -n 20 "$root/log"; echo "deb.sh: failed: $*"; exit 1; }; }

said debootstrap --variant=minbase "$release" "$root" "${mirror:-http://deb.debian.org/debian}"
apt-config dump | grep '^Acquire::' >"$root/etc/apt/apt.conf.d/99host" || true # how mirrors are reached
for f in /etc/resolv.conf /etc/hosts; do cp -L "$f" "$root$f"; done
cp "$package" "$root/root/dnsclaim.deb"
echo "clean system: $release, $(within dpkg-query -f '.\n' -W | wc -l) packages"
said within apt-get install -y -qq --no-install-recommends /root/dnsclaim.deb
echo "installed with $(grep -c '^Setting up' "$root/log") packages"

within dnsclaim --version
within bash -euc 'cd /root
    s=/usr/share/dnsclaim/studies/quickstart
    dnsclaim simulate $s/scenario.yaml -o office.csv >/dev/null
    dnsclaim ingest --quiet -o office.db office.csv
    dnsclaim test --quiet office.db $s/study.yaml -o report --set calibration=off
    [ -s report/report.html ] && [ -s report/tables/claims.csv ] && [ -s report/run.log ]
    grep -q "gnuplot" report/report.txt # none here: the report says what is left out
    dnsclaim verify report office.db office.csv'
said within apt-get install -y -qq --no-install-recommends gnuplot-nox # what the package recommends
within bash -euc 'cd /root; dnsclaim report report | wc -l; ls report/figures/*.svg | wc -l
    [ -s report/figures/scan-volcano.pdf ] && grep -q "<svg" report/report.html
    [ -s /usr/share/man/man1/dnsclaim.1.gz ] && [ -s /usr/share/bash-completion/completions/dnsclaim ]
    apt-get remove -y -qq dnsclaim >/dev/null 2>&1; ! command -v dnsclaim'
echo "the package installs, runs, and is removed"
