#!/bin/sh
# Make a virtual environment and install clearscale into it from this folder, with the versions and hashes of
# constraints.txt.
#
#     install.sh VENV EXTRAS STAMP      such as: install.sh .venv report .venv/.demo
#
# Takes the newest Python from 3.11 to 3.14 that is found and works, or the one that the variable PYTHON names, and
# installs with uv where it is found, otherwise with venv and pip. STAMP is written when all is done.
set -u
venv=$1 extras=$2 stamp=$3
newest_first='python3.14 python3.13 python3.12 python3.11 python3 python'

say() { echo "$*" >&2; }

fail() {
    say "clearscale is not installed: $1"
    shift
    for line; do say "  $line"; done
    exit 1
}

get_python() {
    echo "Get one: 'apt-get install python3 python3-venv' (Debian 12, Ubuntu 24.04 or later), 'dnf install python3.12' (Fedora)," \
        "'brew install python@3.13' (macOS)," \
        "or install uv (https://docs.astral.sh/uv/), which fetches a Python by itself."
}

version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

fits() { case $1 in 3.11 | 3.12 | 3.13 | 3.14) true ;; *) false ;; esac; }

# What a Python needs to make a virtual environment by itself; Debian keeps it in a package of its own.
makes_venvs() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

# Sets python, and what was found but does not do.
choose() {
    python='' without_venv='' refused=''
    for name in $newest_first; do
        command -v "$name" >/dev/null 2>&1 || continue
        found=$(version "$name") || found=''
        if [ -z "$found" ]; then
            refused="$refused $name (does not start)"
        elif ! fits "$found"; then
            refused="$refused $name (is $found)"
        elif [ -z "$uv" ] && ! makes_venvs "$name"; then
            without_venv="$without_venv $name"
        else
            python=$name
            return
        fi
    done
}

uv=$(command -v uv) && tool=uv || { uv='' tool='venv and pip'; }
if [ -n "${PYTHON:-}" ]; then
    python=$PYTHON
    found=$(version "$python") || fail "PYTHON is $python, which does not start."
    fits "$found" || fail "PYTHON is $python, a Python $found; it must be 3.11, 3.12, 3.13 or 3.14."
    [ -n "$uv" ] || makes_venvs "$python" || without_venv=" $python"
else
    choose
fi

if [ -n "${without_venv:-}" ] && { [ -z "$python" ] || [ -n "${PYTHON:-}" ]; }; then
    set -- $without_venv
    fail "$1 has no module venv, or no pip to put into a virtual environment." \
        "Get them: 'apt-get install $(basename "$1")-venv' (Debian, Ubuntu), or install uv (https://docs.astral.sh/uv/)."
fi
if [ -z "$python" ]; then
    [ -n "$uv" ] || fail "no Python from 3.11 to 3.14 is found.${refused:+ Found, but of no use:$refused.}" "$(get_python)"
    python='>=3.11,<3.15' found='3.11 to 3.14 that uv chooses'
fi

# An environment that is there is kept if its Python still starts: only what is missing is added.
if [ -x "$venv/bin/python" ] && present=$(version "$venv/bin/python") && fits "$present" &&
    { [ -z "${PYTHON:-}" ] || [ "$present" = "$found" ]; }; then
    say "Installing clearscale[$extras] into $venv, which has Python $present, with $tool."
else
    say "Installing clearscale[$extras] into $venv with Python $found ($python) and $tool."
    rm -rf "$venv"
    if [ -n "$uv" ]; then
        "$uv" venv --quiet --python "$python" "$venv" ||
            fail "uv made no virtual environment in $venv; the lines above say why." "$(get_python)"
    else
        "$python" -m venv "$venv" || fail "$python made no virtual environment in $venv; the lines above say why."
    fi
fi

# What is installed has the versions and the hashes of constraints.txt: wheels only, since what builds a package could be
# anything. Then the project itself, by the tools that were just installed.
pinned=$venv/pinned.txt
"$venv/bin/python" scripts/pinned.py "$extras" > "$pinned" || fail "constraints.txt cannot be read; the lines above say why."
verified="--only-binary :all: --require-hashes --requirement $pinned"
itself="--no-deps --no-build-isolation --editable ."
if [ -n "$uv" ]; then
    install() { "$uv" pip install --quiet --python "$venv/bin/python" "$@"; }
else
    "$venv/bin/python" -m pip --version >/dev/null 2>&1 ||
        fail "$venv has no pip." "Remove $venv and call this again, or install uv (https://docs.astral.sh/uv/)."
    install() { "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; }
fi
# Both are lists of words.
install $verified && install $itself || fail "packages could not be installed; the lines above say why." \
    "Packages come from PyPI: is it reached from here? Others take its place with PIP_INDEX_URL, or with UV_INDEX_URL for uv;" \
    "they must have the same files, since constraints.txt names their hashes."
touch "$stamp"
