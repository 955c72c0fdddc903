"""A sheet of XlsxWriter that takes many rows at a time, already in markup."""

import shutil
from pathlib import Path
from typing import Any

from xlsxwriter.worksheet import Worksheet


class RowSheet(Worksheet):  # type: ignore[misc]
    """A sheet in constant memory, whose rows below the header come as `markup.rows_of` makes them."""

    def add_rows(self, rows: bytes, last_row: int, last_column: int) -> None:
        """Append rows. last_row, last_column: places of the last cell, from 0."""
        if self.previous_row == 0:
            self._write_single_row(1)  # the header
        self._check_dimensions(last_row, last_column)
        held: Any = self.row_data_fh
        held.flush()
        held.buffer.write(rows)

    def _write_optimized_sheet_data(self) -> None:
        """Copy the rows behind the head of the sheet's file, as they are: they are gigabytes."""
        if self.dim_rowmin is None:
            super()._write_optimized_sheet_data()
            return
        self._xml_start_tag("sheetData")
        whole: Any = self.fh
        held: Any = self.row_data_fh
        whole.flush()
        held.flush()
        held.buffer.seek(0)
        shutil.copyfileobj(held.buffer, whole.buffer, 2**20)
        held.close()
        Path(self.row_data_filename).unlink()
        self._xml_end_tag("sheetData")
