#!/bin/sh
# Turn a fresh Raspberry Pi OS Lite (64-bit, trixie or bookworm) into the hub of a set, with or without internet:
#
#   sudo sh install.sh --set DIR [--only STEP] [--dry-run]
#
# DIR is what `paperhop set make` has made; later it may be left out. Beside this script lie files/ and, on a stick
# that `make bundle` has written, wheels/ and debs/. Run it as often as you like: what is as it should be stays.
# Steps, in order: packages user program set broker clock network service.
# --root DIR is for tests: files land below DIR, and every command is DIR/stubs/NAME.
set -eu
umask 077

all_steps="packages user program set broker clock network service"
here=$(cd "$(dirname "$0")" && pwd)
set_dir="" only="" dry="" root="" changed=""

say() { printf '%s\n' "paperhop: $*"; }
fail() {
    printf '%s\n' "paperhop: $*" >&2
    exit 2
}
usage() { fail "use it like this: sudo sh install.sh --set DIR [--only STEP] [--dry-run]; steps: $all_steps"; }

while [ $# -gt 0 ]; do
    case $1 in
        --dry-run) dry=yes ;;
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
case " $all_steps " in
    *" ${only:-packages} "*) ;;
    *) fail "there is no step $only; there are: $all_steps" ;;
esac

# Runs a command, or only says it.
run() {
    if [ -n "$dry" ]; then
        say "  would run: $*"
    elif [ -n "$root" ]; then
        command=$1
        shift
        "$root/stubs/${command##*/}" "$@"
    else
        "$@"
    fi
}

# A folder: folder MODE OWNER PATH.
folder() {
    if [ -n "$dry" ]; then
        [ -d "$root$3" ] || say "  would make: $3 ($1, $2)"
        return
    fi
    mkdir -p "$root$3"
    chmod "$1" "$root$3"
    run chown "$2" "$root$3"
}

# A file, whole or not at all: put MODE OWNER SOURCE TARGET. What was not the same before is in $changed then.
put() {
    cmp -s "$3" "$root$4" || changed="$changed $4"
    if [ -n "$dry" ]; then
        cmp -s "$3" "$root$4" || say "  would write: $4 ($1, $2)"
        return
    fi
    parent=$root${4%/*}
    [ -d "$parent" ] || (umask 022 && mkdir -p "$parent")
    cp "$3" "$root$4.new"
    chmod "$1" "$root$4.new"
    run chown "$2" "$root$4.new"
    mv -f "$root$4.new" "$root$4"
}

has_changed() {
    case "$changed " in
        *" $1 "*) return 0 ;;
        *) return 1 ;;
    esac
}

name_of() { sed -n 's/^ *"name": *"\([^"]*\)".*/\1/p' "$1/set.json"; }

# Newer systems name libzbar0 libzbar0t64.
all_there() {
    for package in mosquitto chrony dnsmasq-base 'libzbar0*' python3-venv; do
        run dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || return 1
    done
}

# Programs of the system. From the stick apt takes what it needs, and asks nobody else.
step_packages() {
    packages="mosquitto chrony dnsmasq-base libzbar0 python3-venv"
    if [ -z "$dry" ] && all_there; then
        say "packages: all are there"
        return
    fi
    release=$(sed -n 's/^VERSION_CODENAME=//p' "$root/etc/os-release" 2>/dev/null || true)
    debs=$here/debs/$release
    options="-y -q --no-install-recommends -o DPkg::Lock::Timeout=300"
    list=$root/etc/apt/paperhop-stick.list
    # Word splitting is meant.
    # shellcheck disable=SC2086
    if [ -n "$release" ] && [ -f "$debs/Packages" ]; then
        say "packages: $packages, from $debs"
        stick="-o Dir::Etc::SourceList=$list -o Dir::Etc::SourceParts=/dev/null"
        if [ -z "$dry" ]; then
            mkdir -p "${list%/*}"
            printf 'deb [trusted=yes] file:%s ./\n' "$(printf '%s' "$debs" | sed 's/ /%20/g')" >"$list"
            chmod 644 "$list"
        fi
        run apt-get $stick -q update
        run env DEBIAN_FRONTEND=noninteractive apt-get $stick $options install $packages
        [ -n "$dry" ] || rm -f "$list"
    else
        say "packages: $packages, from the internet (this stick has none for ${release:-this system})"
        run apt-get -q update
        run env DEBIAN_FRONTEND=noninteractive apt-get $options install $packages
    fi
}

step_user() {
    if [ -z "$dry" ] && run getent passwd paperhop >/dev/null; then
        say "user: paperhop is there"
        return
    fi
    say "user: paperhop, who runs the hub and cannot log in"
    run useradd --system --home-dir /var/lib/paperhop --shell /usr/sbin/nologin paperhop
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
    say "clock: chrony, which every badge asks for the time"
    put 644 root:root "$here/files/chrony.conf" /etc/chrony/conf.d/paperhop.conf
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

[ -z "$root" ] || [ -d "$root" ] || fail "there is no folder $root"
[ -n "$root$dry" ] || [ "$(id -u)" = 0 ] || fail "this changes the system: run it with sudo, or look at it with --dry-run"
for step in ${only:-$all_steps}; do
    "step_$step"
done
if [ -n "$dry" ]; then
    say "Nothing was done: that is what would be."
elif [ -z "$only" ]; then
    say "Done. Restart with \`sudo reboot\`; then badges and phones find the hub at http://10.42.0.1"
    say "The PIN of the teacher's page: sudo cat /var/lib/paperhop/pin.txt"
fi
