#!/bin/sh
# Which of the two programs of a badge is started (firmware/slots.py):
#
#   choose-slot before    before each start: a program that has never seen a frame is given three starts; then the
#                         other one, which has, is started again, and its release is refused
#   choose-slot good      after it has begun: this program is worth to be fallen back to. Which one it is says the
#                         process MAINPID, and not `current`: an update may have come since it was started
#
# It lies outside of both, so that no program can break it. --folder DIR, for tests, in place of /opt/paperhop.
set -eu
umask 022 # what plays reads which release was refused; its unit says 077

most=3
folder=/opt/paperhop
[ "${1:-}" != --folder ] || { folder=$2; shift 2; }
# systemd calls it as root, who must neither read nor write where another user can lay links: whom the folder belongs to
# goes on.
owner=$(stat -c %u "$folder")
if [ "$owner" != "$(id -u)" ]; then
    exec setpriv --reuid="$owner" --regid="$(stat -c %g "$folder")" --clear-groups --no-new-privs \
        sh "$0" --folder "$folder" "$@"
fi

# A file, whole or not at all, and on the disk: keep TEXT FILE.
keep() {
    rm -f "$2.new" # of another user, perhaps
    printf '%s\n' "$1" >"$2.new"
    sync
    mv -f "$2.new" "$2"
    sync
}

case ${1:-} in
    good)
        started=$({ tr '\0' '\n' <"/proc/${MAINPID:-none}/cmdline" | head -n 1; } 2>/dev/null)
        case $started in
            "$folder"/slots/a/bin/*) slot=slots/a ;;
            "$folder"/slots/b/bin/*) slot=slots/b ;;
            *) exit 0 ;;
        esac
        [ -e "$folder/$slot/good" ] || keep yes "$folder/$slot/good"
        ;;
    before)
        active=$(readlink "$folder/current") || exit 0
        [ ! -e "$folder/$active/good" ] || exit 0
        tries=$(cat "$folder/$active/tries" 2>/dev/null || true)
        case $tries in '' | *[!0-9]*) tries=0 ;; esac
        if [ "$tries" -lt "$most" ]; then
            keep "$((tries + 1))" "$folder/$active/tries"
            exit 0
        fi
        case $active in
            slots/a) other=slots/b ;;
            *) other=slots/a ;;
        esac
        # Where there is nothing better it is tried on and on.
        if [ ! -e "$folder/$other/good" ] || [ ! -e "$folder/$other/complete" ]; then
            exit 0
        fi
        echo "paperhop: release $(cat "$folder/$active/number") did not start; back to $(cat "$folder/$other/number")" >&2
        keep "$(cat "$folder/$active/number")" "$folder/refused"
        rm -f "$folder/current.new"
        ln -s "$other" "$folder/current.new"
        mv -fT "$folder/current.new" "$folder/current"
        sync
        ;;
    *)
        echo "use it like this: choose-slot before|good" >&2
        exit 2
        ;;
esac
