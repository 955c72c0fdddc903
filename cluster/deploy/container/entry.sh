#!/bin/bash
# What every process of the image begins with: the settings that workers need, then the command.
set -euo pipefail
source /opt/clearscale/environment.sh
exec "$@"
