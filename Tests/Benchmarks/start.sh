#!/bin/bash
# 1,000,000 files: from exec to the mark, the scan beside a bare C scan of the same tree, and memory.
SCENE_MKFS="-N 1200000"
. "$(dirname "$0")/scene.sh"
m=$scene/mount
"$products/cscan" --make "$m/s" "${DIRECTORIES:-10000}" "${FILES:-100}"
"$products/cscan" "$m/s" >/dev/null
for round in 1 2 3; do
  bare=$("$products/cscan" "$m/s")
  rm -rf "$scene/journal"
  "$treeline" record "$m/s" --journal "$scene/journal" 2>"$scene/said" &
  background=$!
  until "$treeline" status --json "$scene/journal" 2>/dev/null | grep -q '"state":"following"'; do sleep 0.1; done
  status=$("$treeline" status --json "$scene/journal")
  ready=$(echo "$status" | sed 's/.*"ready_seconds":\([0-9.]*\).*/\1/')
  nodes=$(echo "$status" | sed 's/.*"nodes":\([0-9]*\).*/\1/')
  peak=$(awk '/VmHWM/ { print $2 * 1024 }' "/proc/$background/status")
  stop
  seconds=$(echo "$bare" | sed 's/.* \([0-9.]*\) s/\1/')
  echo "round $round: $nodes objects scanned and journalled in $ready s, bare C scan $seconds s: $(verdict "$ready" "$seconds" 1.15)"
  awk -v peak="$peak" -v nodes="$nodes" 'BEGIN { printf "  peak memory %.1f MiB; 64 MiB and 90 bytes a node are %.1f MiB\n", peak / 1048576, 64 + nodes * 90 / 1048576 }'
done
if command -v strace >/dev/null; then
  strace -f --seccomp-bpf -ttt -e trace=execve,fanotify_mark -o "$scene/trace" timeout 1 "$treeline" record "$m/s" --journal "$scene/journal" 2>/dev/null || true
  awk '/execve.*record/ { t = $2 } /fanotify_mark/ && !done { printf "mark in place %.1f ms after exec\n", ($2 - t) * 1000; done = 1 }' "$scene/trace"
fi
