"""Reports of a run: a page for the state or a county, as one HTML file and as a PDF. `writing.write` makes them."""
