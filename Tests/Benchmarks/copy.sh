#!/bin/bash
# 100,000 files of 4 KiB in 1,000 directories copied to an empty place: a replay of their journal, and scan and
# copy together, beside a bare C copier, `cp -a` and `rsync -a`; all are synced at the end.
SCENE_MKFS="-N 1200000"
. "$(dirname "$0")/scene.sh"
command -v rsync >/dev/null || apt-get install -y -qq rsync >/dev/null
m=$scene/mount
mkdir "$m/s"
for directory in $(seq "${DIRECTORIES:-1000}"); do
  "$products/pace" fill "$m/s/$directory" 100 4096 >/dev/null
done
sync -f "$m"
fresh() {
  rm -rf "$m/d"
  mkdir "$m/d"
  sync -f "$m"
}
# Seconds of a command and a sync after it.
took() {
  local start
  fresh
  start=$(now)
  "$@" >&2
  sync -f "$m"
  since "$start"
}
once() {
  rm -rf "$scene/whole"
  "$treeline" backup --once --quiet "$m/s" "$m/d" --journal "$scene/whole"
}
cp -a "$m/s/." "$m/warm"
rm -rf "$m/warm"
for round in $(seq "${ROUNDS:-3}"); do
  rm -rf "$scene/journal"
  record "$m/s"
  bare=$(took "$products/ccopy" "$m/s" "$m/d")
  ours=$(took "$treeline" replay --quiet "$scene/journal" "$m/d" --source "$m/s")
  compare "$m/s" "$m/d"
  whole=$(took once)
  copied=$(took cp -a "$m/s/." "$m/d")
  rsynced=$(took rsync -a "$m/s/" "$m/d/")
  echo "round $round: replay $ours s, scan and replay $whole s, C $bare s, cp -a $copied s, rsync -a $rsynced s"
  echo "  replay: of the C copier $(verdict "$ours" "$bare" 1.1), of cp -a $(verdict "$ours" "$copied" 1.1)"
  echo "  scan and replay: of cp -a $(verdict "$whole" "$copied" 1.1)"
done
