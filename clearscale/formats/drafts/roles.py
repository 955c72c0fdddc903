"""What columns of each thing are called, in full and shortened as databases shorten."""

import re
from collections.abc import Iterator
from itertools import chain, product
from math import prod

AMENDED = r"am{1,2}e?nd|final|reduced|(convicted|disposition|disposed)_(?=charge|statute|offen|class|level|grade)"
"""What a name begins with that is of the amended charge."""

_FIRST = re.compile(rf"^({AMENDED})\w*?_?(?=charge|chrg|statute|desc|type|class|level|offen|section|code|grade)")
"""What stands before the name of a thing to say that it is that of the amended charge."""

_DATE = r"_?(date|dt|day)"
_NUMBER = r"(_?(id|no|num|nbr|number|key))?"
_OFFENSE = r"(charge|offen[sc]e|violation|crime|law)"
_WHOSE_CHARGE = rf"({_OFFENSE}_?)?"
_END = r"(end|complet\w*|expir\w*|discharge\w*|satisf\w*|served|paid|terminat\w*|term|release\w*)"

ROLES: dict[str, str] = {
    "birth_date": r"(\w+_)?dob|(\w+_)?born|(\w+_)?birth(_?(date|dt|day))?|date_?of_?birth",
    "offense_date": rf"(offen[sc]e|violation|incident|crime|occur\w*){_DATE}|date_?of_?(offen[sc]e|violation)",
    "arrest_date": rf"arr(est(ed)?)?{_DATE}|date_?of_?arrest",
    "filing_date": rf"(case_?)?(fil(e|ed|ing)|init\w*|open(ed)?|charged?|arraign\w*|warrant){_DATE}|date_?filed",
    "sentence_end_date": rf"sent(ence|enced)?(_?{_END})+{_DATE}|(release|discharge){_DATE}",
    "supervision_end_date": rf"(superv\w*|prob(ation)?|parole)(_?{_END})+{_DATE}",
    "sentence_date": rf"sent(ence|enced|encing)?{_DATE}",
    "disposition_date": rf"(\w*disp(o|osition|osed)?|verdict|outcome|judge?ment|finding|result){_DATE}",
    "disposition": r"\w*disp(o|osition|_?desc\w*|osition_?(desc\w*|code|text))?|outcome|verdict|finding|result",
    "description": (
        rf"\w*desc(r|ription)?|(\w+_)?{_OFFENSE}_?(name|literal|text|title|description)|literal|title"
        r"|(\w+_)?charge|offen[sc]e|violation"
    ),
    "subsection": rf"{_WHOSE_CHARGE}(sub_?(section|sect?|div\w*)?|subs|paragraph|para)",
    "statute": (
        r"statute\w*|\w*statute|(law|code)_?section|ordinance(_?(code|section|no|number))?"
        rf"|{_WHOSE_CHARGE}(section|citation)|({_OFFENSE}_?)?code|(\w+_)?charge|offen[sc]e|violation"
    ),
    "code": rf"(law|statute|code)_?(book|type|code|name)?|{_OFFENSE}_?(law|book)|chapter",
    "class": rf"\w*class|max(imum)?_?(penalty|sentence)|({_OFFENSE}_?)?(grade|degree)",
    "level": r"\w*(type|level|severity|grade|kind)|felony_?misd\w*",
    "sequence": rf"(count|chrg|seq(uence)?|{_OFFENSE})(_?(no|num|nbr|number|seq|sequence|id))?",
    "person": (
        r"(person|def(endant)?|offender|subject|party|individual|state_?police|fbi|sid|participant|identifier)"
        rf"_?(id|no|num|nbr|number|key|pk|person_?id)?|(state_?id(ent\w*)?|\w*sid|cii|sbi){_NUMBER}|f\w*pr(i)?nt\w*"
    ),
    "case": rf"(court_?)?(case|docket|cause|court_?file|indictment|complaint|file|ticket|summons){_NUMBER}",
    "sex": r"(def\w*_)?(sex|gender)(_?(code|desc\w*))?",
    "race": r"(def\w*_)?(race|ethnicity)(_?(code|desc\w*))?",
    "revoked": r"(prob\w*_?)?revo(ked|cation|ke)?(_?(flag|ind))?",
    "registered": r"(sex_?(off\w*)?_?)?regist(ered|rant|er|ry)?(_?(flag|ind))?|sora?(_?(flag|ind))?",
    "deceased": r"(def\w*_)?(deceased|dead)(_?(flag|ind))?",
    "county": r"county(_?(name|nm|desc\w*|fips|code|no|number|id))?",
    "court": r"court(_?(name|nm|desc\w*|code|location))?|division",
    "agency": r"((arrest\w*|police)_?)?(agency|dept|department|ori)(_?(name|desc\w*|code))?",
}
"""What columns of each thing are called, without regard to case; the first that fits, as texts do, counts."""

_OF_OTHERS = re.compile(
    r"(^|_)(vict(im)?|vctm|vic|witness|wit|judge|attorney|atty|officer|ofcr|offcr|mother|father|parent|spouse|child|"
    r"co_?def\w*|surety|prosecutor|clerk)(_|$)"
)
"""What names of columns say that are of somebody else, whose birth date, sex or number is not the person's."""

_WHOSE = r"((def\w*|person|party|offender|subject|arrestee)_)?"
NAMES: dict[str, str] = {
    "first_name": rf"{_WHOSE}(first|given|fore)_?(name|nm)?|{_WHOSE}f_?name",
    "middle_name": rf"{_WHOSE}(middle|mid|mi)_?(name|nm|initial|init)?|{_WHOSE}m_?name",
    "last_name": rf"{_WHOSE}(last|sur|family)_?(name|nm)?|{_WHOSE}l_?name",
    "name": (
        r"((full|whole|def\w*|person|party|offender|subject|arrestee)_?)?(name|nm)(_(last|first|middle))*|def\w*"
    ),
    "numbers": r"(\w*_)?(ssn|driver\w*|dl|cdl|oln|licen[cs]e|soc\w*_?sec\w*)(_?(no|num|nbr|number|id))?",
}
"""The same of what people are told by where there is no key of a person."""

_SHORT = {
    "offense": "off offn ofn ofns offns offs",
    "charge": "chg chrg chr charges",
    "violation": "viol vio",
    "literal": "lit litrl ltrl",
    "desc": "descr dscr dsc descrip",
    "text": "txt",
    "grade": "grd grad",
    "class": "cls clas",
    "degree": "deg dgr",
    "level": "lvl lev",
    "severity": "sev svrty",
    "type": "typ",
    "citation": "cite cit",
    "statute": "stat stt stat_cd",
    "section": "sect sec",
    "code": "cd",
    "verdict": "verd vrdct vdct",
    "disposition": "dsp dspn dispn dispos disps dispo disp",
    "judgment": "jdgmt judgmt jdg",
    "complete": "cmpl compl cmplt comp",
    "expire": "exp expr xpir",
    "discharge": "disch dschg dschrg",
    "release": "rel rls",
    "sentence": "snt sntc sent sen sntnc",
    "probation": "prb prob probn",
    "supervision": "sup superv supv supvn",
    "docket": "dkt dckt dock",
    "case": "cse cs cas",
    "arrest": "arr arst arrst",
    "filed": "fil fld filg",
    "arraignment": "arrgn arrn arraign arr_dt",
    "defendant": "dft deft dfdt dfnd defn dfn def defend",
    "offender": "offndr ofndr",
    "person": "pers prsn psn",
    "subject": "subj sbj",
    "date": "dt dte dat",
    "number": "nbr nmbr nr num no numb",
    "count": "ct cnt cts cnts",
    "court": "crt cort",
    "county": "cnty cty co",
    "agency": "agcy agy",
    "gender": "gndr gend",
    "birth": "bth brth bd",
    "amended": "amd amnd amend",
    "revoked": "rvk revk rev revd",
    "registered": "rgstrd regis reg",
    "deceased": "decd dcsd",
    "subsection": "subsec subsect sbsec",
}
"""Words, and what names of columns write for them."""

_WORDS = {short: word for word, shorts in _SHORT.items() for short in shorts.split()}

_LONG = (
    *_SHORT,
    *("sex", "race", "ethnicity", "identifier", "sequence", "ordinance", "indictment", "complaint", "description"),
    *("outcome", "finding", "convicted", "chapter", "division", "department", "first", "middle", "last", "name"),
)
"""Words of names that somebody may have shortened in a way of their own: cut off, or without vowels."""

_VOWELS = re.compile(r"(?<=.)[aeiou]|(.)(?=\1)")
_FEWEST_CUT, _FEWEST_FEW = 3, 4
_MOST_READINGS = 24
"""So many ways in which a name may be read are tried at most."""


def plain(name: str) -> str:
    """A column's name in small letters, words parted by one low line."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _written_out(name: str) -> Iterator[str]:
    """A column's name, and what it may be short for."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    for spelling in dict.fromkeys((plain(name), plain(parted))):
        yield spelling
        words = spelling.split("_")
        yield "_".join(_WORDS.get(word, word) for word in words)
        if "ct" in words:
            yield "_".join("court" if word == "ct" else _WORDS.get(word, word) for word in words)


def _may_be_short_for(word: str) -> list[str]:
    """Words that a word may be short for: cut off, without its vowels, or with some letters left out in between."""
    if word in _WORDS or word in _LONG or len(word) < 2:
        return []
    likely, possible = [], []
    for long in _LONG:
        if word[0] != long[0] or len(word) >= len(long):
            continue
        bones = _VOWELS.sub("", long)
        cut = len(word) >= _FEWEST_CUT and (long.startswith(word) or bones.startswith(word))
        letters = iter(long)
        few = len(word) >= _FEWEST_FEW and word[-1] == long[-1] and all(letter in letters for letter in word)
        if cut or word == bones:
            likely.append(long)
        elif few:
            possible.append(long)
    return likely or possible


def readings(name: str) -> list[str]:
    """Ways in which a column's name may be read whose words nobody has listed; none if it needs no such guess.

    Examples
    --------
    >>> readings("Sx"), readings("Dfndnt_Rc"), readings("Ident"), readings("Sex")
    (['sex'], ['defendant_race'], ['identifier'], [])
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    found: list[str] = []
    for spelling in dict.fromkeys((plain(name), plain(parted))):
        choices = [_may_be_short_for(word) or [_WORDS.get(word, word)] for word in spelling.split("_")]
        guessed = any(_may_be_short_for(word) for word in spelling.split("_"))
        if guessed and prod(map(len, choices)) <= _MOST_READINGS:
            found += ["_".join(words) for words in product(*choices)]
    return [*dict.fromkeys(found)]


def is_amended(name: str) -> bool:
    """Whether a name is that of something of the amended charge."""
    return any(re.match(AMENDED, spelling) for spelling in _written_out(name))


def roles_of(name: str, dates: bool = False) -> list[str]:
    """The roles that a column may have by its name.

    Parameters
    ----------
    name
        As the header has it.
    dates
        Whether dates stand in the column, so that its name need not say so.

    Returns
    -------
    list of str
        Keys of `ROLES`, the likeliest first.

    Examples
    --------
    >>> roles_of("VERD_DT"), roles_of("SENT_CMPL", dates=True), roles_of("OffenseGrade")
    (['disposition_date'], ['sentence_end_date'], ['class', 'level'])
    """
    names = [_FIRST.sub("", spelling) for spelling in _written_out(name) if not _OF_OTHERS.search(spelling)]
    tried = chain(names, (f"{spelling}_date" for spelling in names) if dates else ())
    found = (
        role
        for spelling in dict.fromkeys(tried)
        for role, pattern in ROLES.items()
        if re.fullmatch(pattern, spelling)
    )
    return [*dict.fromkeys(found)]


def told_by(name: str) -> str | None:
    """The key of `NAMES` that a column's name says, None if none."""
    spelling = plain(name)
    if _OF_OTHERS.search(spelling):
        return None
    return next((role for role, pattern in NAMES.items() if re.fullmatch(pattern, spelling)), None)
