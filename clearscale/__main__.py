"""`python -m clearscale`: the command line."""

from .commands.main import main

if __name__ == "__main__":
    main()
