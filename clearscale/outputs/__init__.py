"""What people get: county files, reports, a page to try options on, and what of it may be shown."""
