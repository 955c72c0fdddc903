"""What is measured: a test a piece of work, a file a subject."""
