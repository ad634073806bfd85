#!/usr/bin/env bash
# Includes run one way: base <- ingest, base <- stats, both <- models <- report <- cli.
# Each library stands in the one place that design allows; threads and exit too.
set -u
cd "$(dirname "$0")/.." || exit 1
shopt -s nullglob
bad=0
complain() { echo "layering: $1"; bad=1; }

# allowed LAYER may include
declare -A may=([base]="base" [ingest]="base|ingest" [stats]="base|stats"
    [models]="base|ingest|stats|models" [report]="base|ingest|stats|models|report"
    [cli]="base|ingest|stats|models|report|cli")
for layer in "${!may[@]}"; do
    while IFS= read -r hit; do
        complain "$hit (${layer}/ may include ${may[$layer]//|/, })"
    done < <(grep -nE '#include "' "$layer"/*.[ch] | grep -vE "#include \"(${may[$layer]})/")
done

# only HEADER-PATTERN FILES-PATTERN: the header may be included only by those files
only() {
    while IFS= read -r hit; do
        complain "$hit (only in $2)"
    done < <(grep -nE "#include <($1)" base/*.[ch] ingest/*.[ch] stats/*.[ch] models/*.[ch] \
        report/*.[ch] cli/*.[ch] | grep -vE "^($2):")
}
only 'pcap' 'ingest/frames\.c|cli/simulate_pcap\.c'
only 'csv\.h' 'ingest/rows\.c'
only 'archive|zlib' 'ingest/input\.c'
only 'sqlite3' 'ingest/case(file|write)\.c'
only 'gsl/' 'stats/[a-z_]+\.[ch]|models/[a-z_]+\.c|cli/main\.c'
only 'pthread|stdatomic' 'base/par\.c'
only 'openssl' 'base/(digest|keyed)\.c'
only 'libpsl' 'ingest/suffix\.c'
only 'Random123' 'stats/rng\.c'
only 'fstrm' 'ingest/framestream\.c'
only 'dnstap\.pb-c|protobuf-c' 'ingest/dnstap\.c'
only 'cbor' 'ingest/cborspan\.c'
only 'libfyaml' 'models/yaml\.c'

# Only cli/ prints to the terminal or exits; base/mem.c when memory is gone, report/output.c where asked for "-".
while IFS= read -r hit; do
    complain "$hit (only cli/ prints and exits)"
done < <(grep -nE '\b(exit|printf|puts|perror)\(|\b(stdout|stderr)\b' base/*.c ingest/*.c stats/*.c \
    models/*.c report/*.c | grep -vE '^(base/mem|report/output)\.c:|:[0-9]+: *(/?\*|//)')

[ $bad = 0 ] && echo "layers hold"
exit $bad
