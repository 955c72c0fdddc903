"""The commands `clearscale policies ...`. Each imports what it needs when it runs, as those of `main` do."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from clearscale_cluster.shown import say, shown_url

from .options import Json, Parameters, parameters
from .terminal import print_document

if TYPE_CHECKING:
    from clearscale.policy.findings import Finding
    from clearscale.policy.language import Document

app = typer.Typer(no_args_is_help=True, help="Policies: list packs, show one, check a file, print the schema.")


@app.command("list", epilog="Example: `clearscale policies list`")
def list_(
    charges: Annotated[bool, typer.Option("--charges", help="List the packs over charges.")] = False,
    as_json: Json = False,
) -> None:
    """List the packs: policies that need no file."""
    if charges:
        _list_charges(as_json)
        return
    from clearscale.policy import PACKS, pack

    packs = [pack(name) for name in PACKS]
    if as_json:
        print_document([{"id": policy.id, "title": policy.title, "counties": policy.counties} for policy in packs])
        return
    width = max(map(len, PACKS))
    say(*(f"{policy.id:{width}}  {policy.title}" for policy in packs))


def _list_charges(as_json: bool) -> None:
    from clearscale.relief.packs import packs

    found = packs()
    if as_json:
        print_document([{"id": name, "title": pack.title, "state": pack.state} for name, pack in found.items()])
        return
    width = max(map(len, found))
    say(*(f"{name:{width}}  {pack.title}" for name, pack in found.items()))


@app.command(epilog="Example: `clearscale policies show ca-los-angeles-2019 --set age=55`")
def show(
    policy: Annotated[str, typer.Argument(help="Name of a pack, or a policy file (TOML).")],
    set_: Parameters = None,
    as_json: Json = False,
) -> None:
    """Show a policy: its sources, its parameters, and its rules in order."""
    from clearscale.policy.library import load_document
    from clearscale.policy.locating import is_over_charges

    if is_over_charges(policy):
        _show_charges(policy, parameters(set_), as_json)
        return
    document = load_document(policy)
    chosen = document.policy(parameters(set_))
    if as_json:
        described = {name: _described(document, name) for name in document.parameters}
        print_document(
            {**chosen.document(), "about": document.about, "charges": document.charges, "ranges": described}
        )
        return
    from clearscale.policy.pages import shown_policy

    say(*shown_policy(document, chosen).split("\n"))


def _show_charges(policy: str, values: dict[str, str], as_json: bool) -> None:
    from clearscale.relief.packs import load_document
    from clearscale.relief.pages import shown_policy

    document = load_document(policy)
    chosen = document.policy(values)
    if as_json:
        print_document({**chosen.document(), "about": document.about, "cannot_know": document.cannot_know})
        return
    say(*shown_policy(document, chosen).split("\n"))


@app.command(epilog="Example: `clearscale policies check my-county.toml`")
def check(
    file: Annotated[str, typer.Argument(help="A policy, a policy map (TOML), eligibility options, or a pack.")],
    as_json: Json = False,
) -> None:
    """Check a policy file: exit code 1 if anything is wrong with it, with a line and a name for each finding."""
    findings = _findings(file)
    if as_json:
        print_document({"file": file, "findings": [finding.document() for finding in findings]})
    else:
        say(*(f"{finding.line} [{finding.name}]" for finding in findings))
        if not findings:
            say(f"{shown_url(file)}: nothing is wrong")
    if findings:
        raise typer.Exit(1)


def _findings(file: str) -> "list[Finding]":
    from clearscale.errors import PolicyError
    from clearscale.policy.check import check_policy
    from clearscale.policy.locating import is_over_charges

    try:
        over_charges = is_over_charges(file)
    except PolicyError:
        over_charges = False  # what cannot be read is told below
    if over_charges:
        from clearscale.relief.check import check_policy as check_charges

        return check_charges(file)
    return check_policy(file)


@app.command(epilog="Example: `clearscale policies schema > policy.schema.json`")
def schema(
    charges: Annotated[bool, typer.Option("--charges", help="Print that of policies over charges.")] = False,
) -> None:
    """Print the JSON Schema of policy files, for editors that check and complete them."""
    from clearscale.policy.schema import policy_schema
    from clearscale.relief.schema import charge_policy_schema

    print_document(charge_policy_schema() if charges else policy_schema())


def _described(document: "Document", name: str) -> dict[str, Any]:
    from clearscale.policy.parameters import recorded

    parameter = document.parameters[name]
    ends = {"min": parameter.least, "max": parameter.most, "off": parameter.off}
    return {
        "default": recorded(parameter.default),
        **{key: recorded(value) for key, value in ends.items() if value is not None},
        "meaning": parameter.meaning,
    }
