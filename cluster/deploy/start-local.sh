#!/usr/bin/env bash
# Starts a Dask scheduler and worker processes on this machine, reachable from this machine only, over TLS. Ctrl-C
# stops them.
#
#   cluster/deploy/start-local.sh [workers=2] [port=8786]
#
# PYTHON names the interpreter that clearscale is installed for; the default is the project's own environment.
set -euo pipefail

workers=${1:-2}
port=${2:-8786}
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-$here/../../.venv/bin/python}
address=tls://127.0.0.1:$port
folder=${XDG_CACHE_HOME:-$HOME/.cache}/clearscale/cluster-$port

source "$here/environment.sh"

if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
    echo "Port $port is taken: name another as the second argument." >&2
    exit 1
fi
rm -rf "$folder" # of one that was killed
mkdir -p "$(dirname "$folder")"
"$python" -m clearscale cluster certificates --out "$folder" --quiet
cat >"$folder/cluster.new" <<END
scheduler-address: $address
distributed:
  comm:
    require-encryption: true
    tls:
      ca-file: $folder/ca.pem
      client: {cert: $folder/client.pem, key: $folder/client-key.pem}
END
mv "$folder/cluster.new" "$folder/cluster.yaml"

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
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Job control gives each a process group of its own: Ctrl-C reaches this script only, which stops them in order.
set -m
"$python" -m dask scheduler --host 127.0.0.1 --port "$port" --no-dashboard --dashboard-address 127.0.0.1:0 \
    --protocol tls --tls-ca-file "$folder/ca.pem" \
    --tls-cert "$folder/scheduler.pem" --tls-key "$folder/scheduler-key.pem" &
pids+=($!)
for ((i = 0; i < workers; i++)); do
    "$python" -m dask worker "$address" --host 127.0.0.1 --nthreads 1 --no-dashboard \
        --dashboard-address 127.0.0.1:0 --protocol tls --tls-ca-file "$folder/ca.pem" \
        --tls-cert "$folder/worker.pem" --tls-key "$folder/worker-key.pem" &
    pids+=($!)
done

echo "Connect with: --cluster $folder/cluster.yaml    Stop with: Ctrl-C"
# Ends with the first of them that ends.
wait -n
