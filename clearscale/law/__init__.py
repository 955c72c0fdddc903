"""What a state says, as data, and the code that reads it."""
