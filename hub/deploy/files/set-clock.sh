#!/bin/sh
# Sets the hub's clock to what the teacher's browser has said: set-clock WISH [CHRONYC-OPTION ...]
#
# WISH: a file with ms since 1970, and ms since the start of this computer when that was so. Runs as chrony's own user,
# which may do this, and nothing else that root may.
set -eu

wish=$1
shift
read -r at since <"$wish"
for number in "$at" "$since"; do
    case $number in '' | *[!0-9]* | ??????????????*) echo "paperhop: this is no time: $number" >&2; exit 1 ;; esac
done
read -r up _ </proc/uptime
hundredths=${up#*.}
hundredths=${hundredths#0} # no octal number
seconds=$(((at + ${up%.*} * 1000 + hundredths * 10 - since + 500) / 1000))
# From 2026 to 2100.
if [ "$seconds" -lt 1767225600 ] || [ "$seconds" -ge 4102444800 ]; then
    echo "paperhop: no clock is set to that: $seconds" >&2
    exit 1
fi
export TZ=UTC LC_ALL=C
said=$(chronyc "$@" -n settime "$(date -d "@$seconds" '+%b %d, %Y %H:%M:%S')" 2>&1) || true
case $said in
    *'200 OK'*) ;;
    *) echo "paperhop: chrony does not take it: $said" >&2; exit 1 ;;
esac
chronyc "$@" -n makestep >/dev/null || true
