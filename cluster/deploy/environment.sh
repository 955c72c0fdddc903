# Settings for a scheduler and for workers; source it before starting either.

# What a worker writes is not for others, and for the group only as far as it was before.
umask "$(printf '%04o' "$((0$(umask) | 027))")"

# Dask looks for modules in its temporary folder first, so that must not be one below /tmp that others may make.
export DASK_TEMPORARY_DIRECTORY=${XDG_CACHE_HOME:-$HOME/.cache}/clearscale/dask
mkdir -p "$DASK_TEMPORARY_DIRECTORY"
chmod 700 "$DASK_TEMPORARY_DIRECTORY"

# TLS, or nothing.
export DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION=True

# Dask owns the cores: a worker computes in one thread. OMP_NUM_THREADS is also the size of Arrow's compute pool.
export NUMBA_NUM_THREADS=1 OMP_NUM_THREADS=1 ARROW_IO_THREADS=1 MKL_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1

# Freed memory goes back to the system. Read when a process starts, so it cannot be set later.
export MALLOC_TRIM_THRESHOLD_=65536

# Deaths of a worker that a task survives, and tasks that a worker holds ahead (read by the scheduler).
export DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=4
export DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION=4.0

# Seconds after which a worker that gives no sign is taken for dead (read by the scheduler).
export DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL=60s

# Nothing is spilled to a worker's disk, and no worker is paused: at 95% of its memory it is restarted.
export DASK_DISTRIBUTED__WORKER__MEMORY__TARGET=False
export DASK_DISTRIBUTED__WORKER__MEMORY__SPILL=False
export DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE=False

# No status pages, unless some were chosen before: scheduler and workers otherwise serve task names and logs to whoever asks.
export DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES="${DASK_DISTRIBUTED__SCHEDULER__HTTP__ROUTES-[]}"
export DASK_DISTRIBUTED__WORKER__HTTP__ROUTES="${DASK_DISTRIBUTED__WORKER__HTTP__ROUTES-[]}"

# Nor a profile for such pages, nor a look at the loop of events fifty times a second, which idle workers would pay for.
export DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED=False
export DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL=1s
