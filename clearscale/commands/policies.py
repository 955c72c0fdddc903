"""The commands `clearscale policies ...`. Each imports what it needs when it runs, as those of `main` do."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import Json, Parameters, parameters

if TYPE_CHECKING:
    from clearscale.policy.language import Document

app = typer.Typer(no_args_is_help=True, help="Policies: list packs, show one, check a file, print the schema.")


@app.command("list", epilog="Example: `clearscale policies list`")
def list_(as_json: Json = False) -> None:
    """List the packs: policies that need no file."""
    from clearscale.policy import PACKS, pack

    packs = [pack(name) for name in PACKS]
    if as_json:
        _print([{"id": policy.id, "title": policy.title, "counties": policy.counties} for policy in packs])
        return
    width = max(map(len, PACKS))
    for policy in packs:
        typer.echo(f"{policy.id:{width}}  {policy.title}")


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
        _print({**chosen.document(), "about": document.about, "charges": document.charges, "ranges": described})
        return
    from clearscale.policy.pages import shown_policy

    typer.echo(shown_policy(document, chosen))


@app.command(epilog="Example: `clearscale policies check my-county.toml`")
def check(
    file: Annotated[str, typer.Argument(help="A policy, a policy map (TOML), eligibility options, or a pack.")],
    as_json: Json = False,
) -> None:
    """Check a policy file: exit code 1 if anything is wrong with it, with a line and a name for each finding."""
    from clearscale.policy.check import check_policy

    findings = check_policy(file)
    if as_json:
        _print({"file": file, "findings": [finding.document() for finding in findings]})
    else:
        for finding in findings:
            typer.echo(f"{finding.line} [{finding.name}]")
        if not findings:
            typer.echo(f"{file}: nothing is wrong")
    if findings:
        raise typer.Exit(1)


@app.command(epilog="Example: `clearscale policies schema > policy.schema.json`")
def schema() -> None:
    """Print the JSON Schema of policy files, for editors that check and complete them."""
    from clearscale.policy.schema import policy_schema

    _print(policy_schema())


def _described(document: "Document", name: str) -> dict[str, Any]:
    from clearscale.policy.parameters import recorded

    parameter = document.parameters[name]
    ends = {"min": parameter.least, "max": parameter.most, "off": parameter.off}
    return {
        "default": recorded(parameter.default),
        **{key: recorded(value) for key, value in ends.items() if value is not None},
        "meaning": parameter.meaning,
    }


def _print(document: Any) -> None:
    typer.echo(json.dumps(document, indent=1, ensure_ascii=False))
