#!/bin/sh
# Gather all that a hub and its badges are installed from without internet: tools/bundle.sh DIR [--no-debs]
#
# DIR, copied onto a stick: install.sh and install-badge.sh with their files, wheels/ for Python 3.11 and 3.13 on a
# Raspberry Pi (64-bit), and debs/bookworm and debs/trixie, each a small archive for apt. The .debs need a Debian or a Raspberry Pi OS to run on;
# they come from where that has its own (MIRROR: from another address of Debian's archive).
set -eu

out=${1:?use it like this: tools/bundle.sh DIR [--no-debs]}
case ${2:-} in
    '' | --no-debs) ;;
    *)
        echo "paperhop: $2 is no option; use it like this: tools/bundle.sh DIR [--no-debs]" >&2
        exit 2
        ;;
esac
mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$(dirname "$0")/.."
python=.venv/bin/python
# shellcheck source=hub/deploy/steps.sh
. hub/deploy/steps.sh
packages="$hub_packages $badge_packages $protection_packages"

say() { printf '%s\n' "paperhop: $*" >&2; }

mirror=${MIRROR:-}
if [ -z "$mirror" ] && command -v apt-get >/dev/null; then
    # $(REPO_URI) is apt's own to fill in.
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | sort -u | head -n 1)
fi

# Raspberry Pi packages the camera's library and the pins' itself; its images have them, and so these come along only where
# its archive is among this system's sources (PI_MIRROR: or at another address).
pi_key=""
for key in /usr/share/keyrings/raspberrypi-archive-keyring.pgp /usr/share/keyrings/raspberrypi-archive-keyring.gpg \
    /etc/apt/trusted.gpg.d/raspberrypi-archive-stable.gpg; do
    [ -n "$pi_key" ] || [ ! -f "$key" ] || pi_key=$key
done
pi_mirror=${PI_MIRROR:-}
if [ -n "$pi_key" ] && [ -z "$pi_mirror" ]; then
    # shellcheck disable=SC2016
    pi_mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Raspberry Pi Foundation' | sort -u | head -n 1)
fi
[ -z "$pi_key" ] || [ -z "$pi_mirror" ] || packages="$packages $pi_packages"

# An archive of one release's packages and all that they need, from an apt that knows no package of this machine.
gather_debs() {
    release=$1
    debs=$out/debs/$release
    apt=$(mktemp -d)
    mkdir -p "$debs" "$apt/lists/partial" "$apt/archives/partial" "$apt/none"
    : >"$apt/status"
    key=/usr/share/keyrings/debian-archive-keyring.gpg
    echo "deb [arch=arm64 signed-by=$key] $mirror $release main" >"$apt/sources.list"
    [ -z "$pi_key" ] || [ -z "$pi_mirror" ] ||
        echo "deb [arch=arm64 signed-by=$pi_key] $pi_mirror $release main" >>"$apt/sources.list"
    options="-q -y -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o Dir::Etc::SourceList=$apt/sources.list
        -o Dir::Etc::SourceParts=$apt/none -o Dir::Etc::Parts=$apt/none -o Dir::State::Lists=$apt/lists
        -o Dir::State::Status=$apt/status -o Dir::Cache=$apt -o Dir::Cache::Archives=$apt/archives
        -o APT::Sandbox::User=root -o Acquire::Languages=none"
    # Word splitting is meant.
    # shellcheck disable=SC2086
    if ! { apt-get $options update && apt-get $options install --download-only --no-install-recommends $packages; } \
        >"$apt/log" 2>&1; then
        grep '^[EW]:' "$apt/log" >&2
        rm -rf "$apt"
        return 1
    fi
    rm -f "$debs"/*.deb
    for deb in "$apt"/archives/*.deb; do
        # apt takes a % in a name for the beginning of an escape.
        mv "$deb" "$debs/$(basename "$deb" | sed 's/%3a/./g')"
    done
    rm -rf "$apt"
    index "$debs" >"$debs/Packages.new"
    mv "$debs/Packages.new" "$debs/Packages"
}

# The index of an archive, as apt reads it.
index() {
    for deb in "$1"/*.deb; do
        dpkg-deb -f "$deb"
        echo "Filename: ./$(basename "$deb")"
        echo "Size: $(wc -c <"$deb" | tr -d ' ')"
        echo "SHA256: $(sha256sum "$deb" | cut -d ' ' -f 1)"
        echo
    done
}

say "gathering into $out"
rm -rf "$out/files" "$out/badge-files"
cp hub/deploy/install.sh hub/deploy/steps.sh hub/deploy/protect.sh firmware/deploy/install-badge.sh "$out/"
cp -R hub/deploy/files "$out/files"
cp -R firmware/deploy "$out/badge-files"
mkdir -p "$out/wheels"
rm -f "$out"/wheels/paperhop-*.whl
say "wheels: Paperhop"
$python -m pip wheel -q --disable-pip-version-check --no-deps -w "$out/wheels" .
for version in 3.11 3.13; do
    say "wheels: what it needs with Python $version"
    $python tools/wheels.py "$out/wheels" "$version"
done
if [ "${2:-}" = --no-debs ]; then
    say "no .debs: the hub needs internet for $hub_packages, and badges cannot install themselves"
elif [ -n "$mirror" ] && command -v dpkg-deb >/dev/null; then
    for release in bookworm trixie; do
        say "debs: $release"
        gather_debs "$release" || { say "the packages of $release could not be gathered"; exit 1; }
    done
else
    say "no .debs, for want of apt-get, or of Debian's archive among its sources: gather on a Debian, or the hub needs internet for $hub_packages, and badges cannot install themselves"
fi
say "$out is complete: $(du -sh "$out" | cut -f 1). Copy it onto a stick, and the set's folder beside it."
