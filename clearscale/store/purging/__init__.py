"""Destroying records: every file of a store that holds them is written anew without them, all at once."""
