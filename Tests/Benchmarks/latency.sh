#!/bin/bash
# From the writer's close to the same content at the destination, beside lsyncd's direct mode, a bare watcher
# in C that copies without syncing, and one that makes durable as often as we do: four times a file.
. "$(dirname "$0")/scene.sh"
command -v lsyncd >/dev/null || apt-get install -y -qq lsyncd >/dev/null
rounds=${ROUNDS:-300}
m=$scene/mount
mkdir "$m"/{s1,d1,s2,d2,s3,d3,s4,d4,s5,d5}
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
stop
"$products/pace" copy "$m/s5" "$m/d5" synced &
background=$!
until [ -e "$m/d5/ready" ]; do echo ready > "$m/s5/ready"; sleep 0.2; done
durable=$("$products/pace" latency "$m/s5" "$m/d5" "$rounds")
printf '%-28s %s\n' "treeline --settle 0, synced" "$ours" \
  "treeline, --sync none" "$unsynced" "lsyncd direct" "$theirs" "bare C copier" "$bare" \
  "bare C copier, synced" "$durable"
median() { echo "$1" | awk '{ print $2 }'; }
printf 'synced, beside lsyncd, which syncs nothing: '
verdict "$(median "$ours")" "$(median "$theirs")" 1
printf 'not synced either: '
verdict "$(median "$unsynced")" "$(median "$theirs")" 1
printf 'synced, beside the bare copier that syncs as often: '
verdict "$(median "$ours")" "$(median "$durable")" 1.5
