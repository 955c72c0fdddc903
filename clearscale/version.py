"""The version of the installed distribution."""

from importlib.metadata import version

VERSION = __version__ = version("clearscale")
