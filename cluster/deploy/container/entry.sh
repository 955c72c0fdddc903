#!/bin/bash
# What every process of the image begins with: the settings that workers need, then the command.
set -euo pipefail
source /opt/clearscale/environment.sh
case ${1-} in
    # As charts and older programs say it.
    dask-scheduler | dask-worker) set -- dask "${1#dask-}" "${@:2}" ;;
esac
exec "$@"
