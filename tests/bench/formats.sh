#!/usr/bin/env bash
# Speed of ingest per format, beside the nearest program of Debian that reads the format and
# counts or prints its look-ups. The inputs are one capture, repeated and written in every format by
# tests/make_formats.py, so each row of the table counts the same look-ups. Ratios taken in
# one run are the thing to keep; seconds belong to the machine.
#
#   TIMES=20 CAPTURE=FILE make bench-formats      20 times a root server's minute: 208,520 look-ups
set -u
cd "$(dirname "$0")/../.." || exit 1
prog=$PWD/${1:-build/release}/dnsclaim
capture=${CAPTURE:-../shared/real/pcap/dns-stats+compactor/nsd-live.raw.pcap}
times=${TIMES:-20}
dir=build/bench/formats
mkdir -p $dir
if [ ! -e "$capture" ]; then
    capture=tests/data/udp-and-tcp.pcap
    times=${TIMES:-16000}
fi
mapfile -t formats < <("$prog" list formats | cut -f1 | grep -vxE 'cof|passivedns') # they hold no look-ups
python3 -B tests/make_formats.py --times "$times" "$capture" $dir "${formats[@]}" || exit 1

# best COMMAND...: "cpu wall" of the fastest of three runs, by processor seconds; of one when
# it takes long
best() {
    for _ in 1 2 3; do
        /usr/bin/time -o $dir/time -f '%U %S %e' "$@" >$dir/out 2>$dir/err </dev/null ||
            { echo "- -"; return; }
        awk '{ print $1 + $2, $3 }' $dir/time
        awk '{ exit !($3 > 5) }' $dir/time && break
    done | sort -n | head -n 1
}

# What mawk keeps of a line: client and name, counted; it reads no time and folds no name.
count() { echo "$1 { n[$2 \" \" $3]++ } END { for (k in n) c++; print c }"; }
json() { echo "jq -r '$1 | @tsv' $dir/$2 | mawk '$(count '' '$1' '$2')'"; }

# peers FORMAT: lines "NAME<tab>COMMAND"; none, if Debian has no such program
peers() {
    local f=$dir/$1
    case $1 in
    pcap)
        printf 'dnstop\tdnstop -Q -l 9 %s\n' "$f"
        printf 'dnscap\tdnscap -r %s -g\n' "$f"
        printf 'tshark\ttshark -r %s -Y "dns.flags.response == 0" -T fields -e ip.src -e ipv6.src -e dns.qry.name\n' "$f"
        ;;
    dnstap) printf 'dnstap-ldns\tdnstap-ldns -q -r %s\n' "$f" ;;
    zeek) printf 'mawk\tmawk -F "\\t" '\''%s'\'' %s\n' "$(count '!/^#/' '$3' '$8')" "$f" ;;
    zeek-json) printf 'jq, mawk\t%s\n' "$(json '[."id.orig_h", .query]' "$1")" ;;
    suricata-eve) printf 'jq, mawk\t%s\n' "$(json 'select(.dns.type == "query") | [.src_ip, .dns.rrname]' "$1")" ;;
    cloudflare) printf 'jq, mawk\t%s\n' "$(json '[.SrcIP, .QueryName]' "$1")" ;;
    adguard) printf 'jq, mawk\t%s\n' "$(json '[.IP, .QH]' "$1")" ;;
    bind) printf 'mawk\tmawk '\''%s'\'' %s\n' "$(count '/ query: /' 'substr($7, 1, index($7, "#") - 1)' '$10')" "$f" ;;
    unbound) printf 'mawk\tmawk '\''%s'\'' %s\n' "$(count 'NF == 7' '$4' '$5')" "$f" ;;
    dnsmasq) printf 'mawk\tmawk '\''%s'\'' %s\n' "$(count '/: query\[/' '$NF' '$6')" "$f" ;;
    dnsdist) printf 'mawk\tmawk '\''%s'\'' %s\n' "$(count '/ Packet from /' 'substr($4, 1, match($4, /:[0-9]*$/) - 1)' '$6')" "$f" ;;
    powerdns) printf 'mawk\tmawk -f tests/bench/powerdns.awk %s\n' "$f" ;;
    cdns) printf 'python3-cbor2\t/usr/bin/python3 -B tests/bench/cdns.py %s\n' "$f" ;;
    counts) printf 'mawk\tmawk -F "\\t" '\''%s'\'' %s\n' "$(count 'NR > 1' '$1' '$2')" "$f" ;;
    delimited) printf 'mawk\tmawk -F "\\t" '\''%s'\'' %s\n' "$(count 'NR > 1' '$2' '$3')" "$f" ;;
    esac
}

# row FORMAT PROGRAM "CPU WALL" LOOKUPS [CPU OF OURS]
row() {
    awk -v f="$1" -v p="$2" -v t="$3" -v n="$4" -v ours="${5:-}" -v bytes="$(stat -c %s "$dir/$1")" \
        'BEGIN { split(t, s, " "); cpu = s[1]; if (cpu == "-") { printf "%-13s %-12s failed\n", f, p; exit }
            if (cpu < 0.01) cpu = 0.01; if (s[2] < 0.01) s[2] = 0.01
            printf "%-13s %-12s %8.1f %8.2f %8.2f %9.1f %12.0f %8s\n", f, p, bytes / 1e6, cpu, s[2],
                bytes / 1e6 / cpu, n / cpu, ours ? sprintf("%.1f", cpu / (ours < 0.01 ? 0.01 : ours)) : "" }'
}

year=$(date -u -d "@$("$prog" ingest --quiet --dedup 0 -o $dir/x.case $dir/delimited &&
    "$prog" export --bucket all $dir/x.case | awk -F, 'NR == 2 { print $(NF - 1) }' | date -u -f - +%s)" +%Y)
printf '%-13s %-12s %8s %8s %8s %9s %12s %8s\n' format program MB cpu_s wall_s MB/cpu_s look-ups/s "x ours"
for f in "${formats[@]}"; do
    ours=$(best "$prog" ingest --quiet --dedup 0 --max-skips 10 --timezone UTC --year "$year" \
        --format "$f" -o $dir/x.case "$dir/$f")
    n=$("$prog" export --bucket all $dir/x.case | awk -F, 'NR > 1 { n += $NF } END { print n + 0 }')
    row "$f" dnsclaim "$ours" "$n"
    while IFS=$'\t' read -r name command; do
        row "$f" "$name" "$(best sh -c "$command")" "$n" "${ours% *}"
    done < <(peers "$f")
done
rm -rf $dir
