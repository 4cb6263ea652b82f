#!/bin/bash
# 1,000,000 files in 100,000 directories: the first scan, memory, and a restart after 10 files were
# changed and a directory of 10,000 was renamed, each beside a bare C scan and beside `rsync -a -n`,
# which reads both trees and changes nothing: its cheapest.
SCENE_MKFS="-N 2600000"
SCENE_BYTES=${SCENE_BYTES:-16G}
. "$(dirname "$0")/scene.sh"
command -v rsync >/dev/null || apt-get install -y -qq rsync >/dev/null
m=$scene/mount
"$products/cscan" --make "$m/s" "${DIRECTORIES:-100000}" "${FILES:-10}"
# One of them has 10,000 files of its own.
"$products/pace" fill "$m/s/large0" 10000 1
# The copy is of links: rsync compares names and attributes, as it would those of a copy.
[ -n "${WITHOUT_RSYNC:-}" ] || cp -al "$m/s" "$m/d"
sync -f "$m"
bound() { awk -v a="$1" -v b="$2" -v bound="$3" 'BEGIN { printf "%.2f of the C scan: %s the bound of %s\n", a / b, (a / b <= bound ? "within" : "short of"), bound }'; }
scan() { "$products/cscan" "$m/s" | sed 's/.* \([0-9.]*\) s/\1/'; }
listed() { local start; start=$(now); rsync -a -n --delete "$m/s/" "$m/d/" >/dev/null; since "$start"; }

# Starts the record, and waits until it follows; prints from its start how long that took.
follow() {
  "$treeline" record "$m/s" --journal "$scene/journal" 2>"$scene/said" &
  background=$!
  until "$treeline" status --json "$scene/journal" 2>/dev/null | grep -q '"state":"following"'; do
    kill -0 "$background" || { cat "$scene/said"; exit 1; }
    sleep 0.05
  done
  ready=$("$treeline" status --json "$scene/journal" | sed 's/.*"ready_seconds":\([0-9.]*\).*/\1/')
}
memory() {
  awk -v kind="$1" -v nodes="$("$treeline" status --json "$scene/journal" | sed 's/.*"nodes":\([0-9]*\).*/\1/')" '
    /VmHWM/ { peak = $2 / 1024 } /VmRSS/ { now = $2 / 1024 }
    END { printf "  %s: %d objects, %.0f MiB resident, %.0f at most; 64 MiB and 90 bytes a node are %.0f\n", kind, nodes, now, peak, 64 + nodes * 90 / 1048576 }' "/proc/$background/status"
}

scan >/dev/null
[ -n "${WITHOUT_RSYNC:-}" ] || listed >/dev/null
for round in $(seq "${ROUNDS:-3}"); do
  rm -rf "$scene/journal"
  bare=$(scan)
  follow
  echo "round $round: first scan $ready s, C scan $bare s: $(bound "$ready" "$bare" 1.15)"
  memory "after the first scan"
  stop
  mv "$m/s/large$((round - 1))" "$m/s/large$round"
  for i in 11 12 13 14 15 16 17 18 19 20; do
    for file in "$m/s/directory-000$i"/file-*0.txt; do echo "round $round" >> "$file"; break; done
  done
  bare=$(scan)
  follow
  echo "  restart $ready s, C scan $bare s: $(bound "$ready" "$bare" 1.3)"
  memory "after the restart"
  # The rename is one, and nothing else is in it.
  stop
  "$treeline" journal show --json "$scene/journal" | grep -c '"op":"rename"' | sed 's/^/  renames in the journal: /' || true
  [ -n "${WITHOUT_RSYNC:-}" ] || echo "  rsync -a -n $(listed) s"
done
