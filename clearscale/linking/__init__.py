"""Who is who in files without a key of people: records are told apart by names, birth dates and numbers."""
