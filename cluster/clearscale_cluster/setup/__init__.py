"""What workers are started with, and what must be the same on all of them."""
