"""Papers that move cases in court: a proposed order, notices, a declaration, and what has to be looked at, as PDF.

`write` makes them of a run; `templates.write_templates` leaves the Typst files that an office copies and changes.
"""
