#!/bin/sh
# Make sure of what Paperhop needs from the system, by what it gives and not by a package's name:
#
#   tools/system-packages.sh venv zbar mosquitto chromium tshark dnsmasq cc chrony cloud-init debootstrap qemu
#
# What is missing is installed through apt-get or brew where this is allowed without harm; otherwise the exact
# command is printed. Exit status 1 when something is missing at the end: the caller knows whether that matters.
# PYTHON: the interpreter that venv and zbar are for; python3 without it.
set -u

PYTHON=${PYTHON:-python3}
# A machine that was just switched on is often busy with updates of its own: wait for those.
APT_OPTIONS="-y -q --no-install-recommends -o DPkg::Lock::Timeout=120"

say() { printf '%s\n' "paperhop: $*" >&2; }

on_path() {
    for name in "$@"; do
        PATH="$PATH:/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin" command -v "$name" >/dev/null 2>&1 && return 0
    done
    return 1
}

present() {
    case $1 in
        venv) "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null ;;
        zbar) "$PYTHON" -c 'import ctypes.util, sys; sys.exit(ctypes.util.find_library("zbar") is None)' 2>/dev/null ;;
        mosquitto | tshark | dnsmasq | cloud-init | debootstrap) on_path "$1" ;;
        qemu) on_path qemu-aarch64-static ;;
        chrony) on_path chronyd ;;
        chromium) on_path chromium chromium-browser google-chrome || [ -d "/Applications/Google Chrome.app" ] ;;
        cc) echo 'int one(void) { return 1; }' | cc -shared -fPIC -x c -o /dev/null - 2>/dev/null ;;
        *) say "unknown part '$1': it is one of venv, zbar, mosquitto, chromium, tshark, dnsmasq, cc, chrony, cloud-init, debootstrap, qemu"; exit 2 ;;
    esac
}

apt_name() {
    case $1 in
        venv) "$PYTHON" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])' ;;
        zbar) echo libzbar0 ;; # newer systems name it libzbar0t64, which provides this name
        dnsmasq) echo dnsmasq-base ;; # without the service
        cc) echo gcc libc6-dev ;;
        qemu) echo qemu-user-static ;;
        *) echo "$1" ;;
    esac
}

brew_name() {
    case $1 in
        venv) echo python@3.13 ;;
        chromium) echo google-chrome ;;
        tshark) echo wireshark ;;
        cc) echo gcc ;;
        *) echo "$1" ;;
    esac
}

# Prints how to become root ("" when we are), or fails when nobody can be asked.
root_by() {
    if [ "$(id -u)" = 0 ]; then
        echo ""
    elif ! command -v sudo >/dev/null 2>&1; then
        return 1
    elif sudo -n true 2>/dev/null; then
        echo "sudo -n"
    elif [ -t 0 ] && [ -t 2 ]; then
        echo "sudo"
    else
        return 1
    fi
}

apt_install() {
    as_root=$(root_by) || return 1
    log=$(mktemp) || return 1
    install="$as_root env DEBIAN_FRONTEND=noninteractive apt-get install $APT_OPTIONS$packages"
    say "installing$packages (apt-get)"
    # Word splitting is meant. The second attempt has a fresh list of packages.
    # shellcheck disable=SC2086
    $install >"$log" 2>&1 || { $as_root apt-get update -q && $install; } >"$log" 2>&1 || grep '^E:' "$log" >&2
    rm -f "$log"
}

missing=""
packages=""
for part in "$@"; do
    present "$part" || missing="$missing $part"
done
[ -z "$missing" ] && exit 0

if command -v apt-get >/dev/null 2>&1; then
    for part in $missing; do packages="$packages $(apt_name "$part")"; done
    by_hand="sudo apt-get install --no-install-recommends$packages"
    apt_install
elif command -v brew >/dev/null 2>&1; then
    for part in $missing; do packages="$packages $(brew_name "$part")"; done
    by_hand="brew install$packages"
    say "installing$packages (brew)"
    # shellcheck disable=SC2086
    brew install -q $packages >&2
else
    by_hand="your system's package manager (Fedora: sudo dnf install zbar-libs mosquitto chromium wireshark-cli)"
fi

status=0
for part in $missing; do
    present "$part" && continue
    status=1
    if [ "$part" = zbar ] && [ "$(uname)" = Darwin ] && [ -e /opt/homebrew/lib/libzbar.dylib ]; then
        say "zbar is installed, but $PYTHON does not look for it in /opt/homebrew/lib; Homebrew's own Python does:"
        say "    brew install python@3.13, then remove .venv and run make install again"
    else
        say "$part is missing. To install it: $by_hand"
    fi
done
exit $status
