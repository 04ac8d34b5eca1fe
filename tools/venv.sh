#!/bin/sh
# Prepare .venv for `demo` (to play), `bench` (to measure), `test` (to work on Paperhop), `hardware` (to make what it is
# built from), `fuzz` (requests by schemathesis) or `audit` (known holes): tools/venv.sh demo|bench|test|hardware|fuzz|audit
#
# Run it as often as you like: it is done at once when pyproject.toml, the folder and the Python are as they were.
# A .venv that was broken off before it was ready (Ctrl-C, no network, power cut) is made anew.
# PYTHON: the interpreter to use instead of the first suitable one.
set -eu

extra=$1
cd "$(dirname "$0")/.."

say() { printf '%s\n' "paperhop: $*" >&2; }

suitable() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# A Python that can make a virtual environment comes first; then one that only lacks Debian's package for it.
find_python() {
    second=""
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        suitable "$candidate" || continue
        "$candidate" -c 'import ensurepip, venv' 2>/dev/null && echo "$candidate" && return
        second=${second:-$candidate}
    done
    echo "$second"
}

make_venv() {
    options=""
    if suitable /usr/bin/python3 && /usr/bin/python3 -c 'import picamera2' 2>/dev/null; then
        python=/usr/bin/python3 # Raspberry Pi OS: the camera's library exists for this Python alone
        options=--system-site-packages
    else
        python=$(find_python)
    fi
    if [ -z "$python" ]; then
        say "Paperhop needs Python 3.11 or newer. To install it:"
        say "    Debian 12, Raspberry Pi OS, Ubuntu 24.04: sudo apt-get install python3 python3-venv"
        say "    Ubuntu 22.04: sudo apt-get install python3.11 python3.11-venv      Fedora: sudo dnf install python3"
        say "    macOS: brew install python@3.13, or the installer from python.org"
        exit 1
    fi
    if ! PYTHON=$python tools/system-packages.sh venv; then
        say "Without it there is no virtual environment: please install it, then run make again."
        exit 1
    fi
    say "making .venv with $("$python" --version)"
    rm -rf .venv
    mkdir .venv
    : >$unfinished
    "$python" -m venv $options .venv 2>"$unfinished" || { cat $unfinished >&2; exit 1; }
}

as_now="$(cksum <pyproject.toml) $PWD"
stamp=.venv/.installed-$extra
unfinished=.venv/.unfinished
works() { [ ! -e $unfinished ] && .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$as_now" ]; then
    exit 0
fi
# What is running hears of Ctrl-C, too, and would say so at length.
trap 'exit 130' INT TERM
works || make_venv
PYTHON=.venv/bin/python tools/system-packages.sh zbar || say "cards are read without zbar, too: going on."
say "installing what Paperhop needs into .venv (a minute or two the first time)"
.venv/bin/python -m pip install -qq --no-input --disable-pip-version-check --prefer-binary -e ".[$extra]"
rm -f $unfinished
echo "$as_now" >"$stamp"
for within in demo bench test; do # each of them holds those before it
    [ "$extra" = "$within" ] && break
    echo "$as_now" >".venv/.installed-$within"
done
exit 0
