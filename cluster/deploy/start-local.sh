#!/usr/bin/env bash
# Starts a Dask scheduler and worker processes on this machine, reachable from this machine only. Ctrl-C stops them.
#
#   cluster/deploy/start-local.sh [workers=2] [port=8786]
#
# PYTHON names the interpreter that clearscale is installed for; the default is the project's own environment.
set -euo pipefail

workers=${1:-2}
port=${2:-8786}
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-$here/../../.venv/bin/python}
address=tcp://127.0.0.1:$port

source "$here/environment.sh"

pids=()
stop() {
    trap - EXIT
    trap '' INT TERM # a second Ctrl-C must not leave anything behind
    # Workers first, all at once: without a scheduler they would look for it for a while.
    for group in "${pids[*]:1}" "${pids[*]:0:1}"; do
        if [ -n "$group" ]; then
            kill -TERM $group 2>/dev/null || true
            wait $group 2>/dev/null || true
        fi
    done
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Job control gives each a process group of its own: Ctrl-C reaches this script only, which stops them in order.
set -m
"$python" -m dask scheduler --host 127.0.0.1 --port "$port" --no-dashboard --dashboard-address :0 &
pids+=($!)
for ((i = 0; i < workers; i++)); do
    "$python" -m dask worker "$address" --host 127.0.0.1 --nthreads 1 --no-dashboard &
    pids+=($!)
done

echo "Connect with: --cluster $address    Stop with: Ctrl-C"
# Ends with the first of them that ends.
wait -n
