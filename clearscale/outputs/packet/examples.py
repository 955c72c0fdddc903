"""Made-up papers, to try templates with: nobody is in them, so whatever a template makes of them can be shown."""

from clearscale.law.papers import Papers, PaperWords

from .lines import DISMISS, REDUCE, Fate, Line, Sorted
from .office import Office
from .papers import Packet, Told
from .setting import Job

_PEOPLE = ("EXAMPLE,PAT", "SAMPLE,SAM QUINN", "MADEUP-VERY-LONG,ALEXANDRIA MAXIMILIANA DE LA", "")


def example(office: Office, papers: Papers, words: PaperWords, copies: int = 1) -> Packet:
    """A packet of a few made-up people in a county called Example. copies: of their cases, for longer lists."""
    found = Sorted()
    for place in range(12 * copies):
        fate = Fate.ORDERED if place % 4 != 3 else (Fate.FLAGGED, Fate.REVIEW, Fate.NOT_YET)[place // 4 % 3]
        relief = (DISMISS, REDUCE)[place % 2]
        line = Line(
            court="EXAMPLE COURT",
            case=f"X{place:06d}",
            name=_PEOPLE[place % len(_PEOPLE)],
            person=(str(place % len(_PEOPLE)),),
            charge="1234(A) XX-A CHARGE IN WORDS",
            date="07/01/1999" if place != 5 else "not known",
            outcome=relief,
            relief=relief,
            why="a made-up reason",
            flags=(),
            fate=fate,
            count=str(place % 3 + 1),
            source="example.csv",
            place=place,
        )
        found.lines[fate].append(line)
        found.counts[fate, relief] += 1
    run = (("Run", "0" * 64), ("Policy", "example"), ("As of", "2020-07-01"), ("Snapshot", "00001-example"))
    told = Told(
        trace=run,
        policy={"id": "example", "title": "A made-up policy"},
        rules=(("1", "A made-up reason", "Dismiss", "A made-up law"),),
        sources=("A made-up source",),
        records=(("Records read", "1,234"),),
        findings=(("a made-up doubt", "1", "told when it was read"),),
        version="0",
    )
    return Packet(office, papers, words, told, found, "EXAMPLE", "", False, 1000, 100, False)


def example_jobs(office: Office, papers: Papers, words: PaperWords) -> list[Job]:
    """The first paper of each template, of made-up people."""
    jobs: dict[str, Job] = {}
    for job in example(office, papers, words).jobs():
        jobs.setdefault(job.paper, job)
    return list(jobs.values())
