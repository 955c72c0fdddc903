"""What other policies would do, what differs between two runs, and why one conviction was decided so."""
