# What the installers of a hub and of a badge share: read with `.` by install.sh and install-badge.sh, which set
# $here (the stick's folder), $dry (say only), $root (a folder that stands for /, in tests), $changed, $all_steps and
# $only (one of them, or undo). tools/bundle.sh reads here what they install.
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154

# Packages of Debian: for a hub, for a badge, and for a card that is to be protected. And what of a badge's Raspberry Pi
# alone packages.
hub_packages="mosquitto chrony dnsmasq-base libzbar0 python3-venv"
badge_packages="libzbar0 python3-venv"
protection_packages="overlayroot"
pi_packages="python3-picamera2 python3-lgpio python3-gpiozero"

say() { printf '%s\n' "paperhop: $*"; }
fail() {
    printf '%s\n' "paperhop: $*" >&2
    exit 2
}

# Whether what an installer was told can be done, before it does any of it.
check_options() {
    case " $all_steps undo " in
        *" ${only:-packages} "*) ;;
        *) fail "there is no step $only; there are: $all_steps" ;;
    esac
    [ -z "$root" ] || [ -d "$root" ] || fail "there is no folder $root"
    [ -n "$root$dry" ] || [ "$(id -u)" = 0 ] || fail "this changes the system: run it with sudo, or look at it with --dry-run"
}

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

# Programs of the system: packages NAME ... Newer systems name libzbar0 libzbar0t64. From the stick apt takes what it
# needs, and asks nobody else.
packages() {
    if [ -z "$dry" ] && all_there "$@"; then
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
        say "packages: $*, from $debs"
        stick="-o Dir::Etc::SourceList=$list -o Dir::Etc::SourceParts=/dev/null"
        if [ -z "$dry" ]; then
            mkdir -p "${list%/*}"
            printf 'deb [trusted=yes] file:%s ./\n' "$(printf '%s' "$debs" | sed 's/ /%20/g')" >"$list"
            chmod 644 "$list"
        fi
        run apt-get $stick -q update
        run env DEBIAN_FRONTEND=noninteractive apt-get $stick $options install "$@"
        [ -n "$dry" ] || rm -f "$list"
    else
        say "packages: $*, from the internet (this stick has none for ${release:-this system})"
        run apt-get -q update
        run env DEBIAN_FRONTEND=noninteractive apt-get $options install "$@"
    fi
}

all_there() {
    for package in "$@"; do
        case $package in libzbar0) package='libzbar0*' ;; esac
        run dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || return 1
    done
}

# A user of the system, who cannot log in: system_user NAME HOME WHAT-FOR.
system_user() {
    if [ -z "$dry" ] && run getent passwd "$1" >/dev/null; then
        say "user: $1 is there"
        return
    fi
    say "user: $1, $3, who cannot log in"
    run useradd --system --home-dir "$2" --shell /usr/sbin/nologin "$1"
}
