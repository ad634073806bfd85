#!/bin/sh
# Run a command that installs packages while no package may start a service:
# invoke-rc.d and deb-systemd-invoke ask policy-rc.d, and 101 is "not allowed".
policy=/usr/sbin/policy-rc.d
[ -e $policy ] && exec "$@"
trap 'rm -f $policy' EXIT
trap 'exit 1' INT TERM
printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy || exit 1
"$@"
