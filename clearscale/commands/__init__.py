"""The command line. `main.main` is where it starts."""
