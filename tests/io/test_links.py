"""Files within links of a page: figures are numbers, what is hidden stays a word, and no cell is a formula."""

from base64 import b64decode

from clearscale.io.links import link_to_csv, link_to_svg


def test_a_table_is_a_csv_file() -> None:
    rows = [("1,000 or more", "1,234"), ("=1+1", "hidden"), ("a \u201cb\u201d", "-")]
    kind, content = link_to_csv(["age, years", "people"], rows, [1]).split(";base64,")
    assert kind == "data:text/csv;charset=utf-8"
    lines = b64decode(content).decode().splitlines()
    assert lines == ['"age, years","people"', '"1,000 or more","1234"', '"\'=1+1","hidden"', '"a \u201cb\u201d",""']


def test_a_picture_is_an_svg_file() -> None:
    kind, content = link_to_svg("<svg>\u201c</svg>").split(";base64,")
    assert (kind, b64decode(content).decode()) == ("data:image/svg+xml", "<svg>\u201c</svg>")
