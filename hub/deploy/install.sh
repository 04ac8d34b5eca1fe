#!/bin/sh
# Turn a fresh Raspberry Pi OS Lite (64-bit, trixie or bookworm) into the hub of a set, with or without internet:
#
#   sudo sh install.sh --set DIR [--only STEP] [--dry-run]
#
# DIR is what `paperhop set make` has made; later it may be left out. Beside this script lie steps.sh, protect.sh, files/
# and, on a stick that `make bundle` has written, wheels/ and debs/. Run it as often as you like: what is as it should be stays.
# Steps, in order: packages user data program set release broker clock network service protect.
# --unprotected: leaves the memory card as it is. --unprotect: undoes its protection, to change the system.
# --root DIR is for tests: files land below DIR, and every command is DIR/stubs/NAME.
set -eu
umask 077

all_steps="packages user data program set release broker clock network service protect"
here=$(cd "$(dirname "$0")" && pwd)
set_dir="" only="" dry="" root="" changed="" protected=yes

# shellcheck source=hub/deploy/steps.sh
. "$here/steps.sh"
# shellcheck source=hub/deploy/protect.sh
. "$here/protect.sh"
usage() { fail "use it like this: sudo sh install.sh --set DIR [--only STEP] [--dry-run]; steps: $all_steps"; }

while [ $# -gt 0 ]; do
    case $1 in
        --dry-run) dry=yes ;;
        --unprotected) protected="" ;;
        --unprotect) only=undo ;;
        --set | --only | --root)
            [ $# -ge 2 ] || usage
            case $1 in
                --set) set_dir=$2 ;;
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

name_of() { sed -n 's/^ *"name": *"\([^"]*\)".*/\1/p' "$1/set.json"; }

step_packages() {
    # shellcheck disable=SC2086
    packages $hub_packages ${protected:+$protection_packages}
}

step_user() { system_user paperhop /var/lib/paperhop "for the hub's program"; }

step_data() {
    [ -n "$protected" ] || return 0
    data_partition opt-paperhop:/opt/paperhop paperhop:/var/lib/paperhop release:/var/lib/paperhop-release \
        set:/etc/paperhop mosquitto:/var/lib/mosquitto chrony:/var/lib/chrony networks:/var/lib/NetworkManager
}

# The program, in a folder of its own: `current` points to it once it is complete, so that half of one never runs.
step_program() {
    wheel=$(find "$here/wheels" -name 'paperhop-*.whl' 2>/dev/null | sort | tail -n 1)
    source=$here/../..
    if [ -n "$wheel" ]; then
        mark=$(cksum "$wheel" | cut -d ' ' -f 1)
    elif [ -f "$source/pyproject.toml" ]; then
        mark=source
    elif [ -e "$root/opt/paperhop/current/complete" ]; then
        say "program: there is no other here than the one that runs"
        return
    else
        fail "there is no program: neither $here/wheels nor a copy of Paperhop's sources around this script"
    fi
    release=/opt/paperhop/releases/$mark
    if [ "$mark" != source ] && [ -f "$root$release/complete" ]; then
        say "program: $release is there"
    else
        say "program: ${wheel:-the sources, with libraries from the internet}, into $release"
        [ -n "$dry" ] || rm -rf "$root$release"
        [ -n "$dry" ] || (umask 022 && mkdir -p "$root/opt/paperhop/releases")
        (
            umask 022
            run python3 -m venv "$root$release"
            if [ -n "$wheel" ]; then
                run "$root$release/bin/pip" install -q --no-index --find-links "$here/wheels" "paperhop[hub]"
            else
                run "$root$release/bin/pip" install -q "${source}[hub]"
            fi
        )
        if [ -z "$dry" ]; then
            mkdir -p "$root$release"
            sync
            : >"$root$release/complete"
            changed="$changed /opt/paperhop/current"
        fi
    fi
    if [ -z "$dry" ]; then
        chmod 755 "$root/opt/paperhop" "$root/opt/paperhop/releases" "$root$release"
        if [ "$(readlink "$root/opt/paperhop/current" 2>/dev/null)" != "releases/$mark" ]; then
            ln -sf "releases/$mark" "$root/opt/paperhop/current.new"
            mv -fT "$root/opt/paperhop/current.new" "$root/opt/paperhop/current"
        fi
        (umask 022 && mkdir -p "$root/usr/local/bin")
        ln -sf /opt/paperhop/current/bin/paperhop "$root/usr/local/bin/paperhop"
    fi
    [ "$here" = "$root/usr/local/share/paperhop" ] && return
    put 755 root:root "$here/install.sh" /usr/local/share/paperhop/install.sh
    for tool in steps.sh protect.sh; do
        put 644 root:root "$here/$tool" "/usr/local/share/paperhop/$tool"
    done
    for file in "$here"/files/*; do
        put 644 root:root "$file" "/usr/local/share/paperhop/files/${file##*/}"
    done
}

# Accounts and secrets: the set's folder, and what the broker and the hub read of it.
step_set() {
    kept=/etc/paperhop/set
    [ -n "$set_dir" ] || set_dir=$root$kept
    [ -f "$set_dir/set.json" ] || fail "there is no set in $set_dir: \`paperhop set make\` makes one"
    set_dir=$(cd "$set_dir" && pwd)
    name=$(name_of "$set_dir")
    if [ -f "$root$kept/set.json" ] && [ "$(name_of "$root$kept")" != "$name" ]; then
        fail "this is the hub of the set $(name_of "$root$kept"), not of $name: back it up, and remove $kept first"
    fi
    if [ -z "$dry" ] && [ -f "$root$kept/set.json" ] && [ "$set_dir" != "$root$kept" ]; then
        # A copy that does not know of a replaced badge would let in the lost one.
        run /opt/paperhop/current/bin/paperhop set check "$set_dir" --out "$root$kept" || exit 2
    fi
    say "set: $name, from $set_dir"
    folder 755 root:root /etc/paperhop
    if [ "$set_dir" != "$root$kept" ] && [ -z "$dry" ]; then
        rm -rf "$root$kept.new"
        cp -R "$set_dir" "$root$kept.new"
        chmod -R u=rwX,go= "$root$kept.new"
        run chown -R root:root "$root$kept.new"
        rm -rf "$root$kept.old"
        [ ! -d "$root$kept" ] || mv "$root$kept" "$root$kept.old"
        mv "$root$kept.new" "$root$kept"
        rm -rf "$root$kept.old"
    fi
    folder 750 root:mosquitto /etc/paperhop/broker
    # Mosquitto wants to own them: so says 2.0.21, and later ones will insist.
    put 600 mosquitto:mosquitto "$set_dir/hub/passwords" /etc/paperhop/broker/passwords
    put 600 mosquitto:mosquitto "$set_dir/hub/acl" /etc/paperhop/broker/acl
    put 600 root:root "$set_dir/hub/hub.env" /etc/paperhop/hub.env
    if has_changed /etc/paperhop/broker/passwords || has_changed /etc/paperhop/broker/acl; then
        run systemctl try-reload-or-restart mosquitto.service
    fi
    if has_changed /etc/paperhop/hub.env; then
        run systemctl try-restart paperhop-hub.service
    fi
    [ -n "$dry" ] || [ ! -f "$root/var/lib/paperhop-release/release.json" ] || publish
}

# What badges get from the hub: only root can put it there, and seals it for each badge with a key that never travels.
step_release() {
    if [ -z "$(find "$here/wheels" -name 'badge-*.txt' 2>/dev/null)" ]; then
        say "release: there is no other here for badges"
        return
    fi
    say "release: the badges' program, from $here"
    folder 755 root:root /var/lib/paperhop-release
    publish "$here"
}

# Publishes the badges' program of a bundle, or, without one, seals the one that there is for the keys that there are.
publish() {
    run /opt/paperhop/current/bin/paperhop set release "$@" --out "$root/etc/paperhop/set" --into "$root/var/lib/paperhop-release"
}

step_broker() {
    say "broker: mosquitto, with one account for each badge"
    folder 750 root:mosquitto /etc/paperhop/broker
    put 640 root:mosquitto "$here/files/mosquitto.conf" /etc/paperhop/broker/mosquitto.conf
    put 644 root:root "$here/files/mosquitto-paperhop.conf" /etc/systemd/system/mosquitto.service.d/paperhop.conf
    run systemctl daemon-reload
    run systemctl enable mosquitto.service
    if has_changed /etc/paperhop/broker/mosquitto.conf || has_changed /etc/systemd/system/mosquitto.service.d/paperhop.conf; then
        run systemctl restart mosquitto.service
    fi
}

step_clock() {
    say "clock: chrony, which every badge asks for the time, and the teacher's page sets once"
    put 644 root:root "$here/files/chrony.conf" /etc/chrony/conf.d/paperhop.conf
    put 755 root:root "$here/files/set-clock.sh" /usr/local/lib/paperhop/set-clock
    put 644 root:root "$here/files/paperhop-clock.service" /etc/systemd/system/paperhop-clock.service
    put 644 root:root "$here/files/paperhop-clock.path" /etc/systemd/system/paperhop-clock.path
    run systemctl daemon-reload
    run systemctl enable paperhop-clock.path
    has_changed /etc/chrony/conf.d/paperhop.conf || return 0
    run systemctl restart chrony.service
}

# Nothing is switched here: whoever is logged in over this very network would be cut off.
step_network() {
    [ -n "$set_dir" ] || set_dir=$root/etc/paperhop/set
    [ -f "$set_dir/hub/network.nmconnection" ] || fail "there is no set in $set_dir: give --set DIR"
    country=$(cat "$set_dir/hub/country")
    say "network: the hub is 10.42.0.1 and hub.paperhop, from the next start on; radio rules of $country"
    put 600 root:root "$set_dir/hub/network.nmconnection" /etc/NetworkManager/system-connections/paperhop.nmconnection
    put 644 root:root "$here/files/dnsmasq.conf" /etc/NetworkManager/dnsmasq-shared.d/paperhop.conf
    if [ -n "$root$dry" ] || command -v raspi-config >/dev/null; then
        run raspi-config nonint do_wifi_country "$country"
    else
        say "network: no raspi-config here, so that the radio rules stay as they are"
    fi
}

step_service() {
    say "service: the hub, at every start, its page on port 80"
    put 644 root:root "$here/files/paperhop-hub.service" /etc/systemd/system/paperhop-hub.service
    run systemctl daemon-reload
    run systemctl enable paperhop-hub.service
    if has_changed /etc/systemd/system/paperhop-hub.service || has_changed /opt/paperhop/current; then
        run systemctl restart paperhop-hub.service
    fi
}

step_protect() {
    [ -n "$protected" ] || return 0
    protect
}

step_undo() { unprotect; }

say_if_protected
for step in ${only:-$all_steps}; do
    "step_$step"
done
if [ -n "$dry" ]; then
    say "Nothing was done: that is what would be."
elif [ -z "$only" ]; then
    say "Done. Restart with \`sudo reboot\`; then badges and phones find the hub at http://10.42.0.1"
    say "The PIN of the teacher's page: sudo cat /var/lib/paperhop/pin.txt"
fi
