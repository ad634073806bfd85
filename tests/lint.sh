#!/usr/bin/env bash
# Style and static checks beyond the compiler's: layout, clang-tidy, cppcheck, shell
# scripts, lengths of functions and files. Exit 1 on any finding.
set -u
cd "$(dirname "$0")/.." || exit 1
shopt -s nullglob
bad=0
complain() { echo "lint: $1"; bad=1; }

code=(base/*.[ch] ingest/*.[ch] stats/*.[ch] models/*.[ch] report/*.[ch] cli/*.[ch]
    tests/*.[ch] tests/*/*.[ch])
sources=(base/*.c ingest/*.c stats/*.c models/*.c report/*.c cli/*.c)

clang-format --dry-run -Werror "${code[@]}" 2>&1 | grep -E 'error:' | head -20 |
    while IFS= read -r line; do echo "$line"; done
[ "${PIPESTATUS[0]}" = 0 ] || complain "clang-format: run 'make format'"

# Functions a screen long at most, files one subject long.
while IFS= read -r line; do complain "$line"; done < <(
    ctags -x --c-kinds=f --fields=+ne --_xformat='%F %N %n %{end}' "${sources[@]}" |
        awk '{ if ($4 - $3 + 1 > 60) printf "%s:%s: %s has %d lines, 60 at most\n", $1, $3, $2, $4 - $3 + 1 }')
while IFS= read -r line; do complain "$line"; done < <(
    wc -l "${sources[@]}" | awk '$2 != "total" && $1 > 900 {print $2 ": " $1 " lines, 900 at most"}')
[ "$(cat base/*.[ch] | grep -cvE '^\s*(/?\*|//|$)')" -le 1200 ] ||
    complain "base/ has outgrown its budget of 1,200 lines of code"

cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
    --suppress=missingIncludeSystem --error-exitcode=1 "-Djson_array_foreach(a,i,v)=for(i=0;i<json_array_size(a)&&(v=json_array_get(a,i));i++)" "-Djson_object_foreach(o,k,v)=for(;;)" \
    -I. -D_GNU_SOURCE '-DDNSCLAIM_VERSION="0"' "${sources[@]}" || complain "cppcheck"

# The flags come last, so the names are put before them. A file that cannot be read is a
# finding too ("error:").
printf '%s\n' "${sources[@]}" |
    xargs -P "$(nproc)" -n 4 sh -c 'clang-tidy --quiet "$@" -- -std=c11 -D_GNU_SOURCE -I. \
        -Ibuild/made -DDNSCLAIM_VERSION=\"0\" 2>/dev/null' tidy |
    grep -E 'warning:|error:' | sort -u |
    awk -F'\t' 'FNR == NR { ok[$1 "\t" $2]; next }
        { file = $0; sub(/:.*/, "", file); sub(/.*\//, "", file)
          check = $0; sub(/.*\[/, "", check); sub(/\]$/, "", check); known = 0
          for (k in ok) { split(k, row, "\t"); n = split(row[1], part, "/")
              known = known || (part[n] == file && row[2] == check) }
          if (!known) print }' tests/tidy-accepted.tsv - >build/tidy.txt
[ -s build/tidy.txt ] && { cat build/tidy.txt; complain "clang-tidy: $(wc -l <build/tidy.txt) findings"; }

shellcheck -S warning .ci/run studies/*.sh notebooks/*.sh tests/*.sh tests/*/*.sh ||
    complain "shellcheck"
bash tests/check-layers.sh || bad=1
[ $bad = 0 ] && echo "lint clean"
exit $bad
