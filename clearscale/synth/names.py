"""Invented names: surnames put together from syllables, and common given names."""

import random
from functools import cache

import numpy as np

from .arrays import Texts, quoted, texts

_SURNAME_STARTS = """
ABER BARRO BELLO BRAN CALDE CASTA CORVI DAVEN DELMA DRUM ELBA ESPA FENN FERRO GALVA GRIM HALDE HOLLO IBAR JARRO
KELLI KINDRA LANGO LUNA MARLO MENDI MONTE NAVA NORRI OAK OLVE PARDO PELLI QUILL RAVEN ROSA SALVA SOLA STAN TAMARI
THORN TORRI ULLO VALDI VERA WALDO WINTER YARRO ZAMBO
"""
_SURNAME_ENDS = """
BECK BRIDGE BURN CREST DALE DEZ DINI FIELD FORD GATE GO LEZ LING LOW MEYER MORE NELL NG QUEZ REZ RIDGE SEN SIDE
SMITH SON STEAD STONE TERO TON VILLA WELL WICK WOOD WORTH YAMA ZA ZUELA
"""
_SURNAMES_APART = ("DE LA QUILLA", "O'BRANWICK", "MC THORNE", "MU\u00d1IZUELA", "PE\u00d1ADERO", "VAN DER OLVE")
_GIVEN = """
ADRIAN ALEX ANA ANDRE ANGELA ANTHONY ARTURO BRANDON BRENDA BRIAN CARLOS CARMEN CHRIS CRYSTAL DANIEL DARNELL DAVID
DEBRA DENISE DEREK DIANA EDDIE ELENA ERIC FELIX FRANK GARY GLORIA HECTOR IRENE IVAN JAMAL JAMES JASMINE JAVIER
JESUS JOHN JORGE JOSE JOSEPH JUAN KEISHA KEVIN KIM LARRY LAURA LEON LINDA LUIS MARCUS MARIA MARIO MARK MELISSA
MICHAEL MIGUEL MONICA NANCY OMAR OSCAR PATRICK PAUL PEDRO RACHEL RAMON RAYMOND RICARDO ROBERT ROSA RUBEN SAMUEL
SANDRA STEVEN TERESA TERRANCE THOMAS TIMOTHY TONY TRAVIS TYRONE VANESSA VICTOR VINCENT WALTER WESLEY XAVIER
YOLANDA JOS\u00c9 MAR\u00cdA
"""
_WITH_NICKNAMES = ('ROBERT "BUDDY"', 'LUIS "HUERO"')
_MIDDLES = ("", *(f" {letter}" for letter in "ABCDEFGHJKLMNPRSTW"), " JR", " LEE", " ANTONIO")


@cache
def _surnames() -> list[str]:
    joined = [start + end for start in _SURNAME_STARTS.split() for end in _SURNAME_ENDS.split()]
    return joined + list(_SURNAMES_APART) * 4


@cache
def _given() -> list[str]:
    return [*_GIVEN.split(), *_WITH_NICKNAMES]


def draw_names(rng: np.random.Generator, people: int) -> Texts:
    """PRI_NAME, `SURNAME,GIVEN MIDDLE`, quoted: object [people] of byte strings."""
    surnames, given = _surnames(), _given()
    last = rng.integers(0, len(surnames), people)
    first = rng.integers(0, len(given), people)
    middle = rng.integers(0, len(_MIDDLES), people)
    drawn = zip(last.tolist(), first.tolist(), middle.tolist(), strict=True)
    return texts(quoted(f"{surnames[a]},{given[b]}{_MIDDLES[c]}") for a, b, c in drawn)


def drawn_name(chance: random.Random) -> tuple[str, str]:
    """(given name, surname)."""
    return chance.choice(_GIVEN.split()), chance.choice(_surnames())
