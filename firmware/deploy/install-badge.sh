#!/bin/sh
# Turn a fresh Raspberry Pi OS Lite (64-bit, trixie or bookworm) into a badge, with or without internet:
#
#   sudo sh install-badge.sh [--only STEP] [--dry-run]
#
# Which badge it is says /boot/firmware/paperhop.env, of the folder that `paperhop set make` has made for it. Beside this
# script lie steps.sh, protect.sh, badge-files/, and, where `make bundle` has written it, wheels/ and debs/. Run it as
# often as you like: what is as it should be stays.
# Steps, in order: packages user data program service protect.
# --first: at the first start (cloud-init says so): nothing where it is installed already; restarts at the end.
# --unprotected: leaves the memory card as it is. --unprotect: undoes its protection, to change the system. --root DIR is for tests: files land below DIR, and every command is
# DIR/stubs/NAME.
set -eu
umask 022

all_steps="packages user data program service protect"
here=$(cd "$(dirname "$0")" && pwd)
only="" dry="" root="" changed="" first="" protected=yes

# shellcheck source=hub/deploy/steps.sh
. "$here/steps.sh"
# shellcheck source=hub/deploy/protect.sh
. "$here/protect.sh"
usage() { fail "use it like this: sudo sh install-badge.sh [--only STEP] [--dry-run]; steps: $all_steps"; }

while [ $# -gt 0 ]; do
    case $1 in
        --dry-run) dry=yes ;;
        --first) first=yes ;;
        --unprotected) protected="" ;;
        --unprotect) only=undo ;;
        --only | --root)
            [ $# -ge 2 ] || usage
            case $1 in
                --only) only=$2 ;;
                --root) root=$2 ;;
            esac
            shift
            ;;
        *) usage ;;
    esac
    shift
done
check_options

# The green light of the Raspberry Pi, which is all that a badge has before it is one: timer: it is being installed.
green_light() {
    led=$root/sys/class/leds/ACT/trigger
    [ -n "$dry" ] || [ ! -w "$led" ] || echo "$1" >"$led" || true
}

# The camera's and the pins' packages are Raspberry Pi's own: on its images they are there, and Debian has none.
step_packages() {
    wanted="$badge_packages ${protected:+$protection_packages}"
    for package in $pi_packages; do
        release=$(sed -n 's/^VERSION_CODENAME=//p' "$root/etc/os-release" 2>/dev/null || true)
        ! grep -qsx "Package: $package" "$here/debs/$release/Packages" || wanted="$wanted $package"
    done
    # shellcheck disable=SC2086
    packages $wanted
    for package in $pi_packages; do
        [ -z "$dry" ] || continue
        all_there "$package" || say "packages: $package is not here, and not on this stick: without it no camera, or no pins"
    done
}

step_user() {
    for group in video gpio i2c; do
        run getent group "$group" >/dev/null 2>&1 || run groupadd --system "$group"
    done
    system_user paperhop /var/lib/paperhop "for the badge's program"
    system_user paperhop-update /opt/paperhop "for making another program"
}

step_data() {
    [ -n "$protected" ] || return 0
    data_partition paperhop opt-paperhop:/opt/paperhop paperhop:/var/lib/paperhop timesync:/var/lib/systemd/timesync
}

step_program() {
    folder 755 paperhop-update:paperhop-update /opt/paperhop
    wheel=$(find "$here/wheels" -name 'paperhop-*.whl' 2>/dev/null | sort | tail -n 1)
    if [ -e "$root/opt/paperhop/current/complete" ]; then
        say "program: there is one; others come from the hub"
        return
    fi
    [ -n "$wheel" ] || fail "there is no program: no $here/wheels, which \`make bundle\` gathers"
    say "program: $wheel, into /opt/paperhop"
    # Whose folder it is makes it, and not root: on a second run that user may have laid there what it likes.
    (
        cd /
        run setpriv --reuid=paperhop-update --regid=paperhop-update --clear-groups --reset-env --no-new-privs \
            env PYTHONPATH="$wheel" python3 -m firmware.slots "$root/opt/paperhop" "$here/wheels"
    ) || fail "the program could not be made: the lines above say why. Every user must be able to read $here (a stick is" \
        "mounted so with: mount /dev/sda1 /mnt)"
}

step_service() {
    say "service: the badge, at every start"
    for unit in paperhop-badge.service paperhop-update.service paperhop-update.path; do
        put 644 root:root "$here/badge-files/$unit" "/etc/systemd/system/$unit"
    done
    put 755 root:root "$here/badge-files/choose-slot.sh" /usr/local/lib/paperhop/choose-slot
    put 644 root:root "$here/badge-files/50-paperhop-poweroff.rules" /etc/polkit-1/rules.d/50-paperhop-poweroff.rules
    put 644 root:root "$here/badge-files/watchdog.conf" /etc/systemd/system.conf.d/90-paperhop.conf
    put 644 root:root "$here/badge-files/timesyncd.conf" /etc/systemd/timesyncd.conf.d/paperhop.conf
    if [ ! -f "$root/etc/paperhop/badge.env" ]; then
        folder 700 root:root /etc/paperhop
        put 600 root:root "$here/badge-files/badge.env" /etc/paperhop/badge.env
    fi
    if [ "$here" != "$root/usr/local/share/paperhop" ]; then
        put 755 root:root "$here/install-badge.sh" /usr/local/share/paperhop/install-badge.sh
        for tool in steps.sh protect.sh; do
            put 644 root:root "$here/$tool" "/usr/local/share/paperhop/$tool"
        done
        for file in "$here"/badge-files/*; do
            put 644 root:root "$file" "/usr/local/share/paperhop/badge-files/${file##*/}"
        done
    fi
    if [ -z "$dry" ]; then
        mkdir -p "$root/usr/local/bin"
        ln -sf /opt/paperhop/current/bin/paperhop "$root/usr/local/bin/paperhop"
    fi
    run systemctl daemon-reload
    run systemctl enable paperhop-badge.service paperhop-update.path
}

step_protect() {
    [ -n "$protected" ] || return 0
    protect
}

step_undo() { unprotect; }

if [ -n "$first" ]; then
    [ ! -e "$root/etc/paperhop/installed" ] || exit 0
    [ -f "$root/boot/firmware/paperhop.env" ] || fail "there is no /boot/firmware/paperhop.env: which badge is this?"
    green_light timer
    # Where nobody has made a user, the system would ask for one on a screen that is not there.
    run systemctl disable --now userconfig.service >/dev/null 2>&1 || true
    run rfkill unblock wifi >/dev/null 2>&1 || true
fi
say_if_protected
for step in ${only:-$all_steps}; do
    "step_$step"
done
if [ -n "$dry" ]; then
    say "Nothing was done: that is what would be."
elif [ -z "$only" ]; then
    put 644 root:root /dev/null /etc/paperhop/installed
    sync
    say "Done. The badge begins after a restart."
    if [ -n "$first" ]; then
        # What it had to do is done; it would only make each start longer.
        [ ! -d "$root/etc/cloud" ] || : >"$root/etc/cloud/cloud-init.disabled"
        green_light none
        run systemctl reboot
    fi
fi
