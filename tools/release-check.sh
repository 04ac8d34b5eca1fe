#!/bin/sh
# Install a hub and a badge from a bundle in a Debian for the Raspberry Pi's processor, emulated and without a network, and
# play one card there: tools/release-check.sh DIR [trixie|bookworm]
#
# It takes half an hour or more, and root on a Debian. What is emulated is the processor: camera, pins, Wi-Fi and
# the start of the system are not, and what Raspberry Pi alone packages (picamera2, lgpio) is not there.
# DIR keeps the bundle and the bare system for the next time.
set -eu

say() { printf '%s\n' "release-check: $*"; }
fail() {
    printf '%s\n' "release-check: FAILED: $*" >&2
    exit 1
}

inside=""
[ "${1:-}" != --inside ] || { inside=yes; shift; }
dir=${1:?use it like this: tools/release-check.sh DIR [trixie|bookworm]}
release=${2:-trixie}
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
tools=$(cd "$(dirname "$0")" && pwd)
hub=$dir/hub-$release badge=$dir/badge-$release
paperhop=/opt/paperhop/current/bin/paperhop
packet="10.0.1.2:40001 > 10.0.1.1:23 SYN seq=100"

# In a system: within ROOT COMMAND ...
within() {
    root=$1
    shift
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 "$@"
}

# As a badge is run, by its user and with what its card says: as_badge USER WORDS ...
as_badge() {
    user=$1
    shift
    # What stands on the card has no spaces.
    # shellcheck disable=SC2046
    within "$badge" $(cat "$badge/boot/firmware/paperhop.env") GPIOZERO_PIN_FACTORY=mock LG_WD=/tmp \
        setpriv --reuid="$user" --regid="$user" --clear-groups "$paperhop" badge "$@"
}

check_inside() {
    ip link set lo up
    ip address add 10.42.0.1/32 dev lo
    for root in "$hub" "$badge"; do
        mount -t proc proc "$root/proc"
        mount -t tmpfs tmpfs "$root/run"
    done

    say "a badge: its first start, from its card"
    within "$badge" sh /boot/firmware/bundle/install-badge.sh --first
    [ -e "$badge/etc/paperhop/installed" ] || fail "the badge was not installed"
    [ "$(readlink "$badge/opt/paperhop/current")" = slots/a ] || fail "the badge has no program"
    [ -L "$badge/etc/systemd/system/multi-user.target.wants/paperhop-badge.service" ] || fail "the badge does not begin"
    within "$badge" systemd-analyze verify --man=no /etc/systemd/system/paperhop-badge.service 2>&1 |
        grep 'paperhop-badge' && fail "systemd complains of the badge's unit"

    say "a hub, from the stick"
    within "$hub" sh /stick/bundle/install.sh --set /stick/set --unprotected
    [ -L "$hub/etc/systemd/system/multi-user.target.wants/paperhop-hub.service" ] || fail "the hub does not begin"
    # No systemd runs here: what its units start is started by hand. The hub is its own user, and may have port 80.
    within "$hub" /usr/sbin/mosquitto -c /etc/paperhop/broker/mosquitto.conf &
    mkdir -p "$hub/var/lib/paperhop"
    within "$hub" chown paperhop: /var/lib/paperhop
    echo 80 >"$hub/proc/sys/net/ipv4/ip_unprivileged_port_start"
    # shellcheck disable=SC2046
    within "$hub" $(cat "$hub/etc/paperhop/hub.env") setpriv --reuid=paperhop --regid=paperhop --clear-groups \
        "$paperhop" hub --http 0.0.0.0:80 --data /var/lib/paperhop \
        --pin-file /var/lib/paperhop/pin.txt --release /var/lib/paperhop-release >"$dir/hub.log" 2>&1 &
    for _ in $(seq 120); do
        within "$badge" python3 -c "import urllib.request as u; u.urlopen('http://10.42.0.1/badges/release/b1', timeout=9)" \
            2>/dev/null && break
        sleep 2
    done

    say "the badge tests itself, on mock pins"
    as_badge paperhop selftest --no-questions --frames virtual --outbox /tmp/test.sqlite | tee "$dir/selftest.txt"
    # Pictures are drawn there, and so slowly that the self-test may see none.
    grep -q '^well    broker' "$dir/selftest.txt" || fail "the self-test"
    ! grep '^WRONG' "$dir/selftest.txt" | grep -v '^WRONG   camera' || fail "the self-test"
    say "it reads a card, and the hub answers"
    as_badge paperhop --frames dir:/cards --outbox /tmp/outbox.sqlite --finish-within 120 --mute |
        tee "$dir/card.txt"
    grep -q 'sent - ' "$dir/card.txt" || fail "the card was not judged"
    say "it gets another program from the hub"
    echo yes >"$badge/opt/paperhop/slots/a/good"
    as_badge paperhop-update update
    [ "$(readlink "$badge/opt/paperhop/current")" = slots/b ] || fail "the other program is not active"
    as_badge paperhop selftest --imports || fail "the other program"
    say "PASSED for $release, in an emulated system: nothing of it was on a Raspberry Pi"
}

if [ -n "$inside" ]; then
    check_inside
    exit 0
fi

[ "$(id -u)" = 0 ] || fail "this needs root"
"$tools/system-packages.sh" debootstrap qemu || fail "without these nothing can be emulated"
cd "$tools/.."
say "the bundle, with wheels for Python 3.11 and 3.13 that nobody has to build"
"$tools/bundle.sh" "$dir/bundle"

handlers=/proc/sys/fs/binfmt_misc
[ -e $handlers/register ] || mount -t binfmt_misc binfmt_misc $handlers
if ! grep -qs enabled $handlers/qemu-aarch64; then
    say "the kernel is told how to run programs for aarch64"
    magic='\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
    mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
    printf '%s' ":qemu-aarch64:M::$magic:$mask:$(command -v qemu-aarch64-static):OCF" >$handlers/register
fi

base=$dir/base-$release.tar
if [ ! -f "$base" ]; then
    say "a bare $release for aarch64"
    rm -rf "$dir/bare"
    debootstrap --arch=arm64 --variant=minbase --include=python3,systemd,ca-certificates "$release" "$dir/bare"
    tar -C "$dir/bare" -cf "$base.new" .
    mv "$base.new" "$base"
    rm -rf "$dir/bare"
fi
for root in "$hub" "$badge"; do
    rm -rf "$root"
    mkdir "$root"
    tar -C "$root" -xf "$base"
done
rm -rf "$dir/set"
.venv/bin/python -m paperhop set make --badges 2 --set check --country DE --out "$dir/set"
mkdir -p "$hub/stick" "$badge/boot/firmware" "$badge/cards"
cp -R "$dir/set" "$dir/bundle" "$hub/stick/"
echo "console=tty1 root=PARTUUID=7351b90c-02 rootfstype=ext4 fsck.repair=yes rootwait resize" >"$badge/boot/firmware/cmdline.txt"
: >"$badge/boot/firmware/config.txt"
.venv/bin/python -m paperhop set card b1 "$badge/boot/firmware" --bundle "$dir/bundle" --out "$dir/set"
# A card makes a badge of a trixie; an older system is installed by hand.
[ "$release" = trixie ] || cp -R "$dir/bundle/." "$badge/boot/firmware/bundle/"
.venv/bin/python -m paperhop cards render --packet "$packet" --png "$badge/cards/1.png"
chmod 755 "$badge/cards"
chmod 644 "$badge/cards/1.png"
exec unshare --net --mount --pid --fork --kill-child sh "$0" --inside "$dir" "$release"
