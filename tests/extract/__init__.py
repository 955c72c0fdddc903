"""Reading extracts: their form, and records that cannot be used."""
