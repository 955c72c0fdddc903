"""Workbooks that open in a spreadsheet: texts as texts, dates as dates, row by row in constant memory."""

from .book import Book, Page, writing_book
from .cells import DATE, DECIMAL, NUMBER, TEXT, WORDS, Column
from .sheet import Sheet

__all__ = ["DATE", "DECIMAL", "NUMBER", "TEXT", "WORDS", "Book", "Column", "Page", "Sheet", "writing_book"]
