"""Where tasks run: this process, processes, a scheduler's workers, hosts over SSH."""
