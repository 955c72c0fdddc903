"""Where policies over charges lie: in the folder `relief` of the state whose law they are."""

from functools import lru_cache
from importlib import resources
from importlib.resources.abc import Traversable


@lru_cache(maxsize=1)
def charge_policies() -> dict[str, Traversable]:
    """Files of the policies over charges that need no file of the user's, by their names, sorted."""
    states = [folder for folder in resources.files(__package__).iterdir() if folder.is_dir()]
    folders = [state.joinpath("relief") for state in states if state.joinpath("relief").is_dir()]
    files = [file for folder in folders for file in folder.iterdir() if file.name.endswith(".toml")]
    return {file.name.removesuffix(".toml"): file for file in sorted(files, key=lambda file: file.name)}
