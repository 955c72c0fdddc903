"""Policies that need no file, one TOML file each; `clearscale policies list` names them."""
