"""What is asked of the charges of a case or person together, and who gets a place under a cap."""
