"""What clearscale raises when it cannot go on: what was wrong, where, and what to do. Never a person's data."""


class ClearscaleError(Exception):
    """Base of all errors that a user can mend; the command line prints the message and exits with 1."""


class ExtractError(ClearscaleError):
    """An extract cannot be read or holds records that cannot be used."""


class StoreError(ClearscaleError):
    """A store is missing, of another version, or does not hold what was asked for."""


class PolicyError(ClearscaleError):
    """A policy or its options are wrong."""


class RunError(ClearscaleError):
    """A run is missing, unfinished, or does not match what was asked for."""


class StorageError(ClearscaleError):
    """An object storage refuses, cannot be reached, or failed again and again."""
