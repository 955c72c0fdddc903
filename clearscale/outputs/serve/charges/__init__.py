"""A page with controls for any policy over charges: packs and policy files of a state, with their parameters."""
