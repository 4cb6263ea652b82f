#!/bin/bash
# 50,000 files created and 10,000 rewritten: ours from the first operation to the end of flush,
# against the same burst followed by rsync, with both sides synced, and against a bare watcher and copier in C
# that makes durable as often as we do; alternating rounds.
. "$(dirname "$0")/scene.sh"
command -v rsync >/dev/null || apt-get install -y -qq rsync >/dev/null
sysctl -q fs.inotify.max_queued_events=1000000
m=$scene/mount
for round in 1 2 3; do
  mkdir "$m/s" "$m/d"
  backup "$m/s" "$m/d"
  sync -f "$m"
  start=$(now)
  "$products/pace" burst "$m/s"
  written=$(since "$start")
  "$treeline" flush "$scene/journal"
  sync -f "$m"
  ours=$(since "$start")
  compare "$m/s" "$m/d"
  stop
  rm -rf "$m/s" "$m/d" "$scene/journal"
  mkdir "$m/s" "$m/d"
  sync -f "$m"
  start=$(now)
  "$products/pace" burst "$m/s"
  rsync -a --delete "$m/s/" "$m/d/"
  sync -f "$m"
  theirs=$(since "$start")
  rm -rf "$m/s" "$m/d"
  mkdir "$m/s" "$m/d"
  "$products/pace" copy "$m/s" "$m/d" synced &
  background=$!
  until [ -e "$m/d/ready" ]; do echo ready > "$m/s/ready"; sleep 0.2; done
  sync -f "$m"
  start=$(now)
  "$products/pace" burst "$m/s"
  echo end > "$m/s/end"
  wait "$background"
  sync -f "$m"
  bare=$(since "$start")
  background=
  diff -rq --exclude=.made "$m/s" "$m/d"
  rm -rf "$m/s" "$m/d"
  echo "round $round: treeline $ours s (the burst itself $written s), burst and rsync $theirs s: $(verdict "$ours" "$theirs" 1)"
  echo "round $round: bare C copier, synced $bare s: $(verdict "$ours" "$bare" 1.5)"
done
