"""Files of charges, of any format, to a new snapshot of a store of charges."""
