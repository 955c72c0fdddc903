"""What an office acts on: the decisions of a run, with the names, case numbers and courts of the store's records.

`listed` gives them in order, a table a court:

    from clearscale.outputs.lists import Wanted, listed

    for table in listed(run, Wanted(counties=("LOS ANGELES",), outcomes=("dismiss",))):
        for row in table.to_pylist():
            row["court"], row["case"], row["person"], row["charge"], row["outcome"], row["reason"], row["flags"]

Tables come in the order of county and court, and each has all of one court's rows that are wanted, by case, person
and charge; `columns_of(run)` says which columns there are and what they mean. `run` is over convictions or over
charges. Before the first table comes it is checked that the counts by county and outcome are those of the run's
tables, and before the first of a county that the store has all of its decisions; else it is an error.

Rows hold people's names. Whoever shows or writes them tells the store's log first, as `clearscale.api.lists` does.
"""

from .columns import CASE_SEPARATOR, columns_of
from .listing import listed
from .wanted import Wanted

__all__ = ["CASE_SEPARATOR", "Wanted", "columns_of", "listed"]
