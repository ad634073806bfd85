#!/usr/bin/env bash
# The look-ups of a capture, written in every format of `dnsclaim list formats`, give the
# same export byte for byte; committed captures first, then a minute of a root server.
set -eu
data=tests/data
captures=("$data/udp-and-tcp.pcap" "$data/same.pcap" "$data/name-of-all-bytes.pcap"
    "$data/name-of-255-octets.pcap" "$data/two-questions.pcap" "$data/link-raw.pcap"
    "$data/nanoseconds.pcap" "$data/tcp-over-borders.pcap")
real=${DNSCLAIM_REAL:-../shared/real}/pcap/dns-stats+compactor/nsd-live.raw.pcap
if [ -e "$real" ]; then
    captures+=("$real")
else
    echo "note: $real is not here: made captures alone"
fi
exec python3 -B tests/cli/same_traffic.py "$DNSCLAIM" "${captures[@]}"
