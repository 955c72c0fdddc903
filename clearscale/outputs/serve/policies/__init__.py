"""A page with controls for any policy over convictions: packs and policy files, with their parameters."""
