"""The commands `clearscale policies ...`. Each imports what it needs when it runs, as those of `main` do."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from clearscale_cluster.shown import say, shown_url

from .options import Json, Parameters, parameters
from .terminal import print_document

if TYPE_CHECKING:
    from clearscale.policy.language import Document

app = typer.Typer(no_args_is_help=True, help="Policies: list packs, show one, check a file, print the schema.")


@app.command("list", epilog="Example: `clearscale policies list`")
def list_(as_json: Json = False) -> None:
    """List the packs: policies that need no file."""
    from clearscale.policy import PACKS, pack

    packs = [pack(name) for name in PACKS]
    if as_json:
        print_document([{"id": policy.id, "title": policy.title, "counties": policy.counties} for policy in packs])
        return
    width = max(map(len, PACKS))
    say(*(f"{policy.id:{width}}  {policy.title}" for policy in packs))


@app.command(epilog="Example: `clearscale policies show ca-los-angeles-2019 --set age=55`")
def show(
    policy: Annotated[str, typer.Argument(help="Name of a pack, or a policy file (TOML).")],
    set_: Parameters = None,
    as_json: Json = False,
) -> None:
    """Show a policy: its sources, its parameters, and its rules in order."""
    from clearscale.policy.library import load_document

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


@app.command(epilog="Example: `clearscale policies check my-county.toml`")
def check(
    file: Annotated[str, typer.Argument(help="A policy, a policy map (TOML), eligibility options, or a pack.")],
    as_json: Json = False,
) -> None:
    """Check a policy file: exit code 1 if anything is wrong with it, with a line and a name for each finding."""
    from clearscale.policy.check import check_policy

    findings = check_policy(file)
    if as_json:
        print_document({"file": file, "findings": [finding.document() for finding in findings]})
    else:
        say(*(f"{finding.line} [{finding.name}]" for finding in findings))
        if not findings:
            say(f"{shown_url(file)}: nothing is wrong")
    if findings:
        raise typer.Exit(1)


@app.command(epilog="Example: `clearscale policies schema > policy.schema.json`")
def schema() -> None:
    """Print the JSON Schema of policy files, for editors that check and complete them."""
    from clearscale.policy.schema import policy_schema

    print_document(policy_schema())


def _described(document: "Document", name: str) -> dict[str, Any]:
    from clearscale.policy.parameters import recorded

    parameter = document.parameters[name]
    ends = {"min": parameter.least, "max": parameter.most, "off": parameter.off}
    return {
        "default": recorded(parameter.default),
        **{key: recorded(value) for key, value in ends.items() if value is not None},
        "meaning": parameter.meaning,
    }
