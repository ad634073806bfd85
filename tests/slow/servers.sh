#!/usr/bin/env bash
# Debian's DNS servers on loopback are asked a fixed list of questions. What each of them
# logs, as text and as dnstap, gives the same counts a client, name, type and second as
# a capture of the same minute, or differs as differences.tsv says and explains.
#
# usage: servers.sh DNSCLAIM [VARIANT...]
#
# Needs the right to capture on lo. Everything stays on 127.0.0.0/8 and ::1 and on ports
# above 20000, with configuration and logs in a scratch folder (KEEP=DIR keeps them). No
# service of the system is touched, and only what this script started is stopped.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/lib.sh
dnsclaim=$(realpath "$1")
shift
[ -n "${KEEP:-}" ] && { rm -rf "$work"; mkdir -p "$KEEP" && work=$(realpath "$KEEP"); }
export TZ=UTC
started=()
port=20053
bad=0

# AppArmor's profiles go by path, and would keep named and tcpdump out of the scratch folder.
mkdir -p "$work/bin"
for program in named unbound dnsmasq pdns_server pdns_recursor knotd dnsdist tcpdump fstrm_capture; do
    path=$(PATH=$PATH:/usr/sbin:/sbin command -v $program) || fail "no $program: make test-slow installs it"
    cp "$path" "$work/bin/" || exit 1
done
PATH=$work/bin:$PATH

stop_all() {
    local i
    for ((i = ${#started[@]} - 1; i >= 0; i--)); do
        kill -TERM "${started[i]}" 2>/dev/null
        wait "${started[i]}" 2>/dev/null
    done
    started=()
}
trap 'stop_all; [ -n "${KEEP:-}" ] || rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# start NAME COMMAND...: in the background, its output in $d/NAME.out
start() {
    local name=$1
    shift
    "$@" >"$d/$name.out" 2>&1 &
    started+=($!)
}

# until_true WHAT COMMAND...: within ten seconds
until_true() {
    local what=$1 i
    shift
    for ((i = 0; i < 100; i++)); do
        "$@" >/dev/null 2>&1 && return
        sleep 0.1
    done
    tail -n 20 "$d"/*.out
    fail "$variant: $what did not come up"
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1" && exec 4<>"/dev/tcp/::1/$1"); }

# --- the servers: each writes its configuration to $d and listens on port $1 ---------------

zone() {
    cat >"$d/zone" <<ZONE
\$ORIGIN example.test.
\$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 127.0.0.1
www A 192.0.2.1
www AAAA 2001:db8::1
www TXT "text"
www MX 10 mail
mail A 192.0.2.2
alias CNAME www
quiet A 192.0.2.3
tcp A 192.0.2.4
ZONE
}

# named PORT PRINT-TIME RECURSION; the root is served here, so that nothing is asked of others
start_bind() {
    zone
    sed 's/example.test/./' "$d/zone" >"$d/root"
    cat >"$d/named.conf" <<CONF
options {
    directory "$d"; pid-file "$d/named.pid"; session-keyfile "$d/session.key";
    managed-keys-directory "$d"; lock-file none; recursion $3; dnssec-validation no;
    listen-on port $1 { 127.0.0.1; }; listen-on-v6 port $1 { ::1; };
    querylog yes; dnstap { all; }; dnstap-output file "$d/dnstap";
};
controls { };
logging {
    channel text { file "$d/query.log"; print-time $2; print-category yes; print-severity yes; };
    category default { text; }; category queries { text; }; category query-errors { text; };
};
zone "example.test" { type primary; file "$d/zone"; };
zone "." { type primary; file "$d/root"; };
CONF
    start named named -f -c "$d/named.conf" -n 1
}

# unbound PORT OPTION...: further lines of the section server
start_unbound() {
    local listen=$1 line
    shift
    start tap fstrm_capture -t protobuf:dnstap.Dnstap -u "$d/tap.sock" -w "$d/dnstap"
    until_true "fstrm_capture" test -S "$d/tap.sock"
    {
        cat <<CONF
server:
    directory: "$d"
    pidfile: "$d/unbound.pid"
    username: ""
    chroot: ""
    do-daemonize: no
    use-syslog: no
    logfile: "$d/query.log"
    num-threads: 1
    module-config: "iterator"
    interface: 127.0.0.1@$listen
    interface: ::1@$listen
    access-control: 127.0.0.0/8 allow
    access-control: ::1 allow
    log-queries: yes
    local-zone: "." static
    local-zone: "example.test." static
    local-data: "www.example.test. A 192.0.2.1"
    local-data: "www.example.test. AAAA 2001:db8::1"
    local-data: "tcp.example.test. A 192.0.2.4"
CONF
        for line in "$@"; do echo "    $line"; done
        cat <<CONF
remote-control:
    control-enable: no
dnstap:
    dnstap-enable: yes
    dnstap-socket-path: "$d/tap.sock"
    dnstap-bidirectional: yes
    dnstap-log-client-query-messages: yes
    dnstap-log-client-response-messages: yes
CONF
    } >"$d/unbound.conf"
    start unbound unbound -d -c "$d/unbound.conf"
}

# dnsmasq PORT OPTION...
start_dnsmasq() {
    local listen=$1
    shift
    start dnsmasq dnsmasq -C /dev/null --keep-in-foreground --user=root --pid-file= \
        --port="$listen" --listen-address=127.0.0.1 --listen-address=::1 --bind-interfaces \
        --no-resolv --no-hosts --address=/example.test/192.0.2.1 \
        --log-facility="$d/query.log" "$@"
}

start_pdns() {
    zone
    echo "zone \"example.test\" { type master; file \"$d/zone\"; };" >"$d/named.conf"
    cat >"$d/pdns.conf" <<CONF
launch=bind
bind-config=$d/named.conf
local-address=127.0.0.1:$1,[::1]:$1
socket-dir=$d
log-dns-queries=yes
loglevel=5
disable-syslog=yes
security-poll-suffix=
CONF
    start server pdns_server --config-dir="$d"
}

# pdns_recursor PORT OPTION..., asking the Authoritative Server on the next port
start_recursor() {
    local listen=$1
    shift
    mkdir -p "$d/behind"
    d=$d/behind start_pdns $((listen + 1))
    until_true "the server behind the recursor" listens $((listen + 1))
    cat >"$d/recursor.conf" <<CONF
local-address=127.0.0.1:$listen,[::1]:$listen
socket-dir=$d
quiet=no
loglevel=6
disable-syslog=yes
threads=1
dnssec=off
security-poll-suffix=
forward-zones=.=127.0.0.1:$((listen + 1))
CONF
    start server pdns_recursor --config-dir="$d" "$@"
}

start_knot() {
    zone
    cat >"$d/knot.conf" <<CONF
server:
    rundir: "$d"
    listen: [ 127.0.0.1@$1, ::1@$1 ]
database:
    storage: "$d"
log:
  - target: stderr
    any: info
mod-dnstap:
  - id: tap
    sink: "$d/dnstap"
    log-queries: on
    log-responses: on
template:
  - id: default
    storage: "$d"
    global-module: mod-dnstap/tap
zone:
  - domain: example.test
    file: "$d/zone"
CONF
    start knotd knotd -c "$d/knot.conf"
}

# dnsdist PORT, in front of knot on the next port
start_dnsdist() {
    start tap fstrm_capture -t protobuf:dnstap.Dnstap -u "$d/tap.sock" -w "$d/dnstap"
    until_true "fstrm_capture" test -S "$d/tap.sock"
    mkdir -p "$d/behind"
    d=$d/behind start_knot $(($1 + 1))
    until_true "the server behind dnsdist" listens $(($1 + 1))
    cat >"$d/dnsdist.conf" <<CONF
setLocal("127.0.0.1:$1")
addLocal("[::1]:$1")
setACL({"127.0.0.0/8", "::1/128"})
setSecurityPollSuffix("")
newServer({address="127.0.0.1:$(($1 + 1))"})
tap = newFrameStreamUnixLogger("$d/tap.sock", { flushTimeout = 1 })
addAction(AllRule(), DnstapLogAction("test", tap))
addAction(AllRule(), LogAction("$d/query.log", false, false, false, false, true))
addResponseAction(AllRule(), DnstapLogResponseAction("test", tap))
CONF
    start dnsdist dnsdist --supervised --disable-syslog -C "$d/dnsdist.conf"
}

# --- one round: start, capture, ask, stop, compare --------------------------------------------

# ask VARIANT START OPTION...: leaves capture, logs and the capture's counts in $d
ask() {
    variant=$1
    d=$work/$variant
    port=$((port + 10))
    mkdir -p "$d"
    rm -f "$d"/*.log "$d"/dnstap
    "$2" $port "${@:3}"
    until_true "the server" listens $port
    start tcpdump tcpdump -i lo -n -s 4096 -B 16384 -U -Z root -w "$d/capture.pcap" port $port
    until_true "tcpdump" grep -q 'listening on' "$d/tcpdump.out"
    python3 tests/slow/ask.py $port >"$d/asked" || fail "$variant: ask.py"
    sleep 2.5 # what the server has in its buffers
    stop_all
    grep -q '^0 packets dropped by kernel' "$d/tcpdump.out" || fail "$variant: tcpdump lost packets"
    export_of capture "$d/capture.pcap" --port $port || fail "$variant: the capture"
    local sent counted
    read -r sent _ <"$d/asked"
    counted=$(awk -F, 'NR > 1 { n += $NF } END { print n + 0 }' "$d/capture.csv")
    [ "$sent" = "$counted" ] || fail "$variant: ask.py sent $sent queries, the capture has $counted"
}

# export_of SOURCE FILE OPTION...: to $d/SOURCE.csv
export_of() {
    "$dnsclaim" ingest --quiet --dedup 0 --max-skips 5 "${@:3}" -o "$d/$1.case" "$2" 2>"$d/$1.err" &&
        "$dnsclaim" export --by qtype -o "$d/$1.csv" "$d/$1.case" && return
    cat "$d/$1.err"
    return 1
}

# same SOURCE FILE OPTION...: its counts are the capture's
same() {
    if export_of "$1" "$2" "${@:3}"; then
        python3 tests/slow/compare.py "$variant/$1" "$d/capture.csv" "$d/$1.csv" \
            tests/slow/differences.tsv || bad=1
    else
        echo "$variant/$1: not read"
        bad=1
    fi
}

variant-bind() {
    ask bind start_bind iso8601-utc no
    same log "$d/query.log" --format bind
    same dnstap "$d/dnstap"
}

variant-bind-recursive() {
    TZ=America/New_York ask bind-recursive start_bind yes yes
    same log "$d/query.log" --timezone America/New_York
    same dnstap "$d/dnstap"
}

variant-unbound() {
    ask unbound start_unbound "log-replies: no"
    same log "$d/query.log"
    same dnstap "$d/dnstap"
}

variant-unbound-ascii() {
    TZ=Europe/Moscow ask unbound-ascii start_unbound "log-time-ascii: yes" "log-replies: yes" \
        "log-tag-queryreply: yes"
    same log "$d/query.log" --timezone Europe/Moscow --year "$(date +%Y)"
}

variant-dnsmasq() {
    ask dnsmasq start_dnsmasq --log-queries
    same log "$d/query.log" --timezone UTC --year "$(date +%Y)"
}

variant-dnsmasq-extra() {
    ask dnsmasq-extra start_dnsmasq --log-queries=extra
    same log "$d/query.log" --timezone UTC --year "$(date +%Y)"
}

variant-pdns() {
    TZ=America/New_York ask pdns start_pdns
    same log "$d/server.out" --timezone America/New_York --year "$(date +%Y)"
}

variant-recursor() {
    ask recursor start_recursor
    same log "$d/server.out"
}

variant-recursor-plain() {
    ask recursor-plain start_recursor --structured-logging=no --disable-packetcache=yes
    same log "$d/server.out" --timezone UTC --year "$(date +%Y)"
}

variant-knot() {
    ask knot start_knot
    same dnstap "$d/dnstap"
}

variant-dnsdist() {
    ask dnsdist start_dnsdist
    same log "$d/query.log"
    same dnstap "$d/dnstap"
}

[ $# -gt 0 ] || set -- bind bind-recursive unbound unbound-ascii dnsmasq dnsmasq-extra \
    pdns recursor recursor-plain knot dnsdist
printf '%-22s %8s %8s  %s\n' source capture source result
for v in "$@"; do "variant-$v"; done
exit $bad
