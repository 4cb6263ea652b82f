#!/bin/bash
# From the writer's close to the same content at the destination, beside lsyncd's direct mode and a
# bare watcher that copies without syncing.
. "$(dirname "$0")/scene.sh"
command -v lsyncd >/dev/null || apt-get install -y -qq lsyncd >/dev/null
rounds=${ROUNDS:-300}
m=$scene/mount
mkdir "$m"/{s1,d1,s2,d2,s3,d3,s4,d4}
backup "$m/s1" "$m/d1" --settle 0
ours=$("$products/pace" latency "$m/s1" "$m/d1" "$rounds")
stop
# As lsyncd does it: what was copied reaches the destination's disk when the kernel thinks fit.
rm -rf "$scene/journal"
backup "$m/s4" "$m/d4" --settle 0 --sync none
unsynced=$("$products/pace" latency "$m/s4" "$m/d4" "$rounds")
stop
cat > "$scene/lsyncd.lua" <<LUA
settings { nodaemon = true, maxDelays = 1, inotifyMode = "CloseWrite" }
sync { default.direct, source = "$m/s2", target = "$m/d2", delay = 0 }
LUA
lsyncd "$scene/lsyncd.lua" >"$scene/lsyncd.log" 2>&1 &
background=$!
until [ -e "$m/d2/ready" ]; do echo ready > "$m/s2/ready"; sleep 0.2; done
theirs=$("$products/pace" latency "$m/s2" "$m/d2" "$rounds")
stop
"$products/pace" copy "$m/s3" "$m/d3" &
background=$!
until [ -e "$m/d3/ready" ]; do echo ready > "$m/s3/ready"; sleep 0.2; done
bare=$("$products/pace" latency "$m/s3" "$m/d3" "$rounds")
printf '%-28s %s\n' "treeline --settle 0, synced" "$ours" \
  "treeline, --sync none" "$unsynced" "lsyncd direct" "$theirs" "bare C copier" "$bare"
median() { echo "$1" | awk '{ print $2 }'; }
printf 'synced, beside lsyncd, which syncs nothing: '
verdict "$(median "$ours")" "$(median "$theirs")" 1
printf 'not synced either: '
verdict "$(median "$unsynced")" "$(median "$theirs")" 1
