"""The commands `clearscale formats ...`. Each imports what it needs when it runs, as those of `main` do."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from clearscale_cluster.shown import say

from .options import Json
from .terminal import interruptible, print_document, print_result

if TYPE_CHECKING:
    from clearscale.formats.checking import Checked
    from clearscale.linking.linker import Linked

app = typer.Typer(
    no_args_is_help=True,
    help="Formats of files with one row a charge: list them, show one, check a file, make a sample, draft a map.",
)

Format = Annotated[
    str, typer.Option("--format", help="Name of a format, or a column map of your own (a file that ends in .toml).")
]
ShowValues = Annotated[
    bool,
    typer.Option(
        "--show-values",
        help="Show the texts that the map has no word for. Where columns are shifted, they are names and numbers "
        "of people.",
    ),
]


@app.command("list", epilog="Example: `clearscale formats list`")
def list_(as_json: Json = False) -> None:
    """List the formats that need no file."""
    from clearscale.formats import load_map, maps

    listed = [load_map(name) for name in maps()]
    if as_json:
        print_document(
            [
                {"name": stated.name, "title": stated.title, "state": stated.document.get("state", "")}
                for stated in listed
            ]
        )
        return
    width = max(map(len, maps()))
    say(*(f"{stated.name:{width}}  {stated.title}" for stated in listed))


@app.command(epilog="Example: `clearscale formats show il-cook-clerk`")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a format, or a column map (TOML).")],
    as_json: Json = False,
) -> None:
    """Show a format: what each column is, how dates and statutes are written, and what words mean."""
    from clearscale.formats import load_map
    from clearscale.formats.showing import document, shown_map

    stated = load_map(name)
    if as_json:
        print_document(document(stated))
    else:
        say(*shown_map(stated))


@app.command(epilog="Example: `clearscale formats check charges.csv --format generic-charges`")
def check(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Paths or URLs; several are chunks of one, in this order."),
    ],
    name: Format,
    show_values: ShowValues = False,
    as_json: Json = False,
) -> None:
    """Read a file by a format and tell what is doubtful; exit code 1 if anything should not be decided on."""
    from clearscale.formats import load_map
    from clearscale.formats.checking import check_files

    with interruptible():
        found = check_files(files, load_map(name))
    if as_json:
        print_document(found.document(show_values))
    else:
        _show_checked(found, show_values)
    if found.refuses:
        raise typer.Exit(1)


@app.command(epilog="Example: `clearscale formats sample il-cook-clerk --out sample`")
def sample(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of a format, or a column map (TOML).")],
    out: Annotated[str, typer.Option(help="Folder or URL for the file, and what it was made of.")],
    people: Annotated[int, typer.Option(min=1, help="How many people.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    as_json: Json = False,
) -> None:
    """Write a small fabricated file of a format: nobody's data, to try a map and a policy on."""
    from clearscale.formats import load_map
    from clearscale.synth import fabricate, fabricate_charges

    from . import show as shown

    stated = load_map(name)
    with interruptible():
        if stated.document.get("extract"):
            extracts = fabricate(out, counties=1, people=people, seed=seed)
            documents, show_made = [asdict(extract) for extract in extracts], lambda: shown.fabricated(extracts)
        else:
            made = fabricate_charges(out, stated, people=people, seed=seed)
            documents, show_made = [asdict(made)], lambda: shown.fabricated_charges(made)
    print_result(False, as_json, documents, show_made)


@app.command(epilog="Example: `clearscale formats link charges.csv --format my-county.toml --out people`")
def link(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE...", help="Paths or URLs: all files that are to be linked with each other."),
    ],
    name: Format,
    out: Annotated[str, typer.Option(help="Folder or URL for the table of people, and for pairs to review.")],
    sure: Annotated[
        float | None, typer.Option(help="From this probability on two records are of one person. [default: 0.999]")
    ] = None,
    doubtful: Annotated[
        float | None, typer.Option(help="From this probability on a pair is to be reviewed. [default: 0.8]")
    ] = None,
    reviewed: Annotated[
        str | None,
        typer.Option(
            help="Pairs with `same` or `different` in their column `decision`; that counts before scores."
        ),
    ] = None,
    show_values: Annotated[
        bool,
        typer.Option("--show-values", help="Write names, birth dates and numbers beside the pairs to review."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Find out which records are of one person in files without a key of people: by names, birth dates, numbers."""
    from clearscale.formats import load_map
    from clearscale.linking.linker import link_files

    stated = load_map(name)
    with interruptible():
        found = link_files(
            files, stated, out, sure=sure, doubtful=doubtful, reviewed=reviewed, show_values=show_values
        )
    print_result(False, as_json, asdict(found), lambda: _show_linked(found))


@app.command(epilog="Example: `clearscale formats draft charges.csv > my-county.toml`")
def draft(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="Path or URL of a file with one row a charge; several are chunks of one, in this order.",
        ),
    ],
    show_values: Annotated[
        bool,
        typer.Option(
            "--show-values",
            help="Write the words of dispositions, levels and so on that the file has, too. If a column is not "
            "what it looks like, they are names and numbers of people.",
        ),
    ] = False,
    columns: Annotated[
        str | None,
        typer.Option(
            help="Path or URL of the names of columns, a line each or with commas, for files without them."
        ),
    ] = None,
) -> None:
    """Look at a file and print a first column map, with what is doubtful as comments."""
    from clearscale.formats.drafts import draft as drafted
    from clearscale.formats.naming import read_names

    with interruptible():
        say(*drafted(files, show_values, read_names(columns) if columns else ()))


def _show_checked(found: "Checked", show_values: bool) -> None:
    from clearscale.formats.checking import kinds

    aside = found.records - found.charges
    say(f"{found.name}: {found.records:,} records: {found.charges:,} charges, {aside:,} set aside")
    for reason, count in found.aside.items():
        say(f"  set aside: {count:,} ({reason})")
    for what, count in found.known.items():
        share = f"{count / found.charges:.1%}" if found.charges else "none"
        say(f"  {what}s that are known: {count:,} ({share})")
    for finding in found.findings:
        say(f"{finding.name}{' (refused)' if finding.refuses else ''}: {kinds().words(finding)}")
    for column, texts in found.unknown.items() if show_values else ():
        say(f"unknown in {column}:", *(f"  {count:,} x {text}" for text, count in texts))
    if not found.findings:
        say("nothing is doubtful")


def _show_linked(found: "Linked") -> None:
    doubted = found.people - found.people_with_doubtful
    say(
        f"{found.format}: {found.records:,} records are of {found.people:,} people",
        f"  {found.people_with_doubtful:,} if the doubtful pairs are of one person, too: {doubted:,} fewer",
        f"  {found.pairs:,} pairs to review (probability {found.doubtful:g} to {found.sure:g}), in pairs.csv",
    )
    if found.reviewed:
        say(f"  {found.reviewed:,} pairs were reviewed; {found.against_scores:,} links were not made for it")
