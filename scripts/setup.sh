# Sourced by ./demo and ./check from the root of the checkout: a virtual environment in .venv with the project in it.
# Needs Python >= 3.11 with venv. Set PYTHON to choose one.

say() {
    printf '%s\n' "$*" >&2
}

find_python() {
    for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}; do
        if "$python" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$python"
            return
        fi
    done
    say "This needs Python 3.11 or newer with venv (on Debian: apt install python3-venv). PYTHON=/path/to/python chooses one."
    return 1
}

# A virtual environment cannot be moved or copied: the one that is there must have been made for this folder.
has_venv() {
    grep -qsF "$PWD/.venv" .venv/bin/activate && .venv/bin/python -m pip --version >/dev/null 2>&1
}

# install EXTRAS: the project with EXTRAS ("" or "[dev]"), unless that has been done since pyproject.toml, or what the
# engine for CloudFront Functions is built from, last changed.
install() {
    stamp=".venv/installed$1"
    engine=edge/runtimes/quickjs
    wanted="$PWD $(cat pyproject.toml $engine/build.py $engine/engine_edits.py $engine/guest/*.c | cksum)"
    if [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return
    fi
    if ! has_venv; then
        python=$(find_python)
        say "setting up: a virtual environment in .venv, with $python"
        "$python" -m venv --clear .venv
    fi
    say "setting up: installing what pyproject.toml asks for (it takes a minute or a few the first time)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".$1"
    printf '%s\n' "$wanted" >"$stamp"
}
