# A memory card that a pulled plug cannot damage: the system is read only, under a layer that lives in memory, and what
# must outlive the power is on a partition of its own. Read with `.` by install.sh and install-badge.sh (see steps.sh).
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154

label=paperhop-data
# In sectors of 512 octets: what the system gets at least, where there is room, and what data need.
root_wants=10485760 # 5 GiB
data_needs=3145728  # 1.5 GiB
begins="# paperhop: begin" ends="# paperhop: end"

# The data partition on /data, and what is kept there: data_partition NAME:/PLACE ... What a place has already goes along.
data_partition() {
    if [ -n "$dry" ]; then
        say "  would make a partition $label for: $*"
        return
    fi
    if is_protected; then
        say "data: on a partition of their own, $label"
        return
    fi
    if ! has_data_partition && ! make_data_partition; then
        protected=""
        say "data: this card stays as it is, and is NOT protected against a pulled plug: there is no room after its"
        say "  system. Write the card anew, and before its first start let \`paperhop set card\` look after it."
        return
    fi
    say "data: on a partition of their own, $label: $*"
    data_lines "$@" >"$root/etc/fstab.paperhop"
    without_ours "$root/etc/fstab" | cat - "$root/etc/fstab.paperhop" >"$root/etc/fstab.new"
    rm "$root/etc/fstab.paperhop"
    chmod 644 "$root/etc/fstab.new"
    sync
    mv -f "$root/etc/fstab.new" "$root/etc/fstab"
    mkdir -p "$root/data"
    run systemctl daemon-reload
    run findmnt -n /data >/dev/null || run mount /data
    for pair in "$@"; do
        keep_on_data "${pair%%:*}" "${pair#*:}"
    done
}

# Whether the system is read only now: what is written to it is gone at the next start.
is_protected() { [ "$(run findmnt -n -o FSTYPE / 2>/dev/null)" = overlay ]; }

# To be said before anything is done.
say_if_protected() {
    if [ -n "$dry" ] || ! is_protected; then
        return 0
    fi
    say "This system is protected: the program, the set and the release are kept, but what changes of the system itself is"
    say "  gone at the next start. To change that, too: --unprotect, restart, and then this again."
}

# What fstab says of it. Without it the system starts all the same, so that somebody can look; but not the badge: its
# program lies there, and its unit requires the mount of its StateDirectory=. It stays dark (docs/troubleshooting.md).
data_lines() {
    echo "$begins"
    echo "LABEL=$label /data ext4 noatime,nofail,x-systemd.device-timeout=15s 0 2"
    for pair in "$@"; do
        echo "/data/${pair%%:*} ${pair#*:} none bind,nofail,x-systemd.requires-mounts-for=/data 0 0"
    done
    echo "$ends"
}

without_ours() { sed "/^$begins\$/,/^$ends\$/d" "$1"; }

# One place: keep_on_data NAME /PLACE.
keep_on_data() {
    mkdir -p "$root$2"
    if [ ! -d "$root/data/$1" ]; then
        rm -rf "$root/data/$1.new"
        mkdir "$root/data/$1.new"
        cp -a "$root$2/." "$root/data/$1.new/"
        run chown --reference="$root$2" "$root/data/$1.new"
        sync
        mv "$root/data/$1.new" "$root/data/$1"
    fi
    run findmnt -n "$2" >/dev/null || run mount "$2"
}

has_data_partition() { run blkid -L "$label" >/dev/null 2>&1; }

# After the system's partition, which grows to what it wants. Fails, and has changed nothing, where there is no room.
make_data_partition() {
    part=$(run findmnt -n -o SOURCE /) || return 1
    disk=$(run lsblk -n -d -o PKNAME "$part" 2>/dev/null | head -n 1)
    [ -n "$disk" ] || return 1
    sys=$root/sys/class/block
    number=$(cat "$sys/${part#/dev/}/partition")
    start=$(cat "$sys/${part#/dev/}/start")
    size=$(cat "$sys/${part#/dev/}/size")
    # The last MiB stays free, and partitions begin at a MiB.
    end=$(($(cat "$sys/$disk/size") / 2048 * 2048 - 2048))
    for other in "$sys/$disk"/"$disk"*; do
        [ "$(cat "$other/start")" -le "$start" ] || return 1
    done
    wanted=$size
    [ "$size" -ge "$root_wants" ] || wanted=$root_wants
    [ $((start + wanted + data_needs)) -le "$end" ] || wanted=$size
    data=$(((start + wanted + 2047) / 2048 * 2048))
    [ $((data + data_needs)) -le "$end" ] || return 1
    say "data: partition $label, $(((end - data) / 2097152)) GiB, after the system's"
    if [ "$wanted" -ne "$size" ]; then
        echo "start=$start, size=$((data - start))" | run sfdisk -q --no-reread --force -N "$number" "/dev/$disk"
    fi
    echo "start=$data, size=$((end - data)), type=83" | run sfdisk -q --no-reread --force --append "/dev/$disk"
    run partx --update "/dev/$disk"
    run udevadm settle || true
    [ "$wanted" -eq "$size" ] || run resize2fs "$part" || say "data: the system cannot grow now; that does no harm"
    fresh=$(run lsblk -n -r -o NAME,START "/dev/$disk" | sed -n "s/ $data\$//p")
    [ -n "$fresh" ] || return 1
    run mkfs.ext4 -q -F -L "$label" "/dev/$fresh"
}

# From the next start on the system is read only.
protect() {
    if [ -n "$dry" ]; then
        say "  would make the system read only"
        return
    fi
    if is_protected; then
        say "protect: the system is read only"
        return
    fi
    grep -q "^LABEL=$label " "$root/etc/fstab" || return 0
    say "protect: from the next start on nothing is written to the system. To change it: --unprotect, and restart"
    sed 's|^\([^#].*[[:space:]]/boot/firmware[[:space:]]\{1,\}vfat[[:space:]]\{1,\}\)defaults\([[:space:]]\)|\1defaults,ro\2|' \
        "$root/etc/fstab" >"$root/etc/fstab.new"
    chmod 644 "$root/etc/fstab.new"
    mv -f "$root/etc/fstab.new" "$root/etc/fstab"
    printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n' >"$root/etc/paperhop-journald.new"
    put 644 root:root "$root/etc/paperhop-journald.new" /etc/systemd/journald.conf.d/paperhop.conf
    rm "$root/etc/paperhop-journald.new"
    # A file for swapping would be in memory.
    run systemctl disable dphys-swapfile.service >/dev/null 2>&1 || true
    run update-initramfs -u
    kernel_words "overlayroot=tmpfs:recurse=0"
}

# Undo it, from the next start on; the data stay where they are.
unprotect() {
    say "protect: from the next start on the system can be changed, and a pulled plug can damage the card"
    [ -z "$dry" ] || return 0
    run mount -o remount,rw /boot/firmware
    kernel_words ""
    # The layer in memory hides the real one: that is below /media/root-ro.
    lower=$root/media/root-ro
    [ ! -d "$lower/etc" ] || run mount -o remount,rw /media/root-ro
    for file in "$root/etc/fstab" "$lower/etc/fstab"; do
        [ ! -f "$file" ] || sed -i 's|\([[:space:]]vfat[[:space:]]\{1,\}\)defaults,ro\([[:space:]]\)|\1defaults\2|' "$file"
    done
}

# The kernel's command line, whole or not at all, with these words for overlayroot, or none.
kernel_words() {
    line=$root/boot/firmware/cmdline.txt
    [ -f "$line" ] || fail "there is no /boot/firmware/cmdline.txt: is this a Raspberry Pi?"
    sed -e 's/ *overlayroot=[^ ]*//g' -e "1s|\$|${1:+ $1}|" -e 's/^ *//' "$line" >"$line.new"
    sync
    mv -f "$line.new" "$line"
    sync
}
