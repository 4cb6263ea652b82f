#!/bin/bash
# A journal of ten million records (RECORDS=): how long its last 20 lines and the history of one path take,
# and how much memory. The median of five, with the journal in the page cache.
set -eu
products=${PRODUCTS:-.build/release}
treeline=$products/treeline
scene=$(mktemp -d "${SCENE_DIR:-/var/tmp}/treeline-bench-XXXXXX")
trap 'rm -rf "$scene"' EXIT
journal=$scene/journal
records=${RECORDS:-10000000}
"$products/longjournal" "$journal" "$records"
size() { find "$journal" -name "*.$1" -printf '%s\n' | awk '{ s += $1 } END { printf "%.1f MB", s / 1e6 }'; }
echo "$records records: segments of $(size tlj), indexes of $(size index); times are medians of 5, page cache warm"
cat "$journal"/* >/dev/null

# median NAME BOUND COMMAND...: with the fastest and the slowest, which say how steady it is.
median() {
  local name=$1 bound=$2
  shift 2
  for _ in 1 2 3 4 5; do
    local start
    start=$(date +%s%N)
    /usr/bin/time -f %M -o "$scene/memory" "$@" >"$scene/output"
    echo "$(($(date +%s%N) - start)) $(cat "$scene/memory")"
  done | sort -n | awk -v name="$name" -v bound="$bound" '
    { time[NR] = $1 / 1e9; if ($2 > most) most = $2 }
    END {
      printf "%s: %.3f s (%.3f to %.3f), %s the bound of %s; %.1f MiB, %s the bound of 64\n", name, time[3],
        time[1], time[5], time[3] < bound ? "within" : "SHORT OF", bound, most / 1024,
        most < 65536 ? "within" : "SHORT OF"
    }'
}

median "show --tail 20" 0.05 "$treeline" journal show "$journal" --tail 20
path=$(tail -n 1 "$scene/output" | cut -f 4 | awk '{ print $NF }')
median "history of one path" 0.2 "$treeline" history --journal "$journal" "$path"
lines=$(wc -l <"$scene/output")
cp "$scene/output" "$scene/indexed"
rm "$journal"/*.index
echo "without an index:"
median "history of the same, the same $lines lines" 60 "$treeline" history --journal "$journal" "$path"
cmp "$scene/output" "$scene/indexed"
median "stat" 60 "$treeline" journal stat --json "$journal"
rm -r "$journal"
"$products/longjournal" "$journal" "$records" 1 $((records * 14))
echo "of the same records those that retention keeps, after a checkpoint; $(size tlj) of segments:"
median "show --tail 20" 0.05 "$treeline" journal show "$journal" --tail 20
median "history of one path" 0.2 "$treeline" history --journal "$journal" "$path"
