"""What sets papers reaches no file but those it is given and no network, and tells nothing of anybody."""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.errors import ClearscaleError
from clearscale.law import papers_of, state
from clearscale.law.papers import CONVICTIONS
from clearscale.outputs.packet.examples import example_jobs
from clearscale.outputs.packet.office import Office
from clearscale.outputs.packet.setting import Job, Setter
from clearscale.outputs.packet.templates import packaged_templates
from tests.support.examples import long

from .conftest import ATTACKS, squeezed, texts_of

HEAD = '#set document(title: "A paper", date: none)\n#set text(lang: "en")\n#let data = json("order.json")\n'
NAME = "QZNAME,QZFIRST"


def fails(template: str, tmp_path: Path, data: Mapping[str, Any] | None = None, *, made_up: bool = False) -> str:
    """What is said of a template that fails."""
    setter = Setter({"order.typ": (HEAD + template).encode()})
    job = Job("order", data or {"name": NAME}, "order.pdf")
    set_it = partial(setter.try_out, [job]) if made_up else partial(setter.set_all, [[job]])
    with pytest.raises(ClearscaleError) as error:
        set_it(tmp_path)
    assert not (tmp_path / "order.pdf").exists()
    return str(error.value)


@pytest.mark.parametrize(
    "reading",
    [
        '#read("/etc/passwd")',
        '#let where = "sec" + "ret.txt"\n#read(where)',
        '#import "@local/secret:0.1.0": *',
        long('#read("secret.txt")'),
        long('#read("../secret.txt")'),
        long('#include "secret.typ"'),
        long('#image("secret.svg")'),
    ],
)
def test_no_file_is_read_that_was_not_given(reading: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("secret.txt", "secret.typ", "secret.svg", "empty/secret.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("<svg/>")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    package = tmp_path / "typst/packages/local/secret/0.1.0"
    package.mkdir(parents=True)
    (package / "typst.toml").write_text('[package]\nname = "secret"\nversion = "0.1.0"\nentrypoint = "lib.typ"\n')
    (package / "lib.typ").write_text("#let found = 1")
    out = tmp_path / "out"
    out.mkdir()
    said = fails(reading, out, made_up=True)
    assert "not found" in said or "escape" in said or "cannot" in said
    assert "order.typ line" in said


@pytest.fixture
def proxy() -> Iterator[tuple[str, list[bytes]]]:
    """A proxy that answers nothing: its address, and what it was asked."""
    asked: list[bytes] = []
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        def answer() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(100))

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", asked
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_no_package_comes_from_the_network(
    proxy: tuple[str, list[bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, asked = proxy
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, url)
        monkeypatch.setenv(name.upper(), url)
    template = '#let of = "@pre" + "view/cetz:0.3.0"\n#import of: *'
    said = fails(template, tmp_path, made_up=True)
    assert "failed to download package" in said
    assert asked == []
    # The same without what keeps it from the network: it asks, so this test would see it.
    words = "import sys, typst; typst.compile({'main.typ': sys.stdin.buffer.read()})"
    made = subprocess.run(
        [sys.executable, "-c", words], input=template.encode(), capture_output=True, env=os.environ, check=False
    )
    assert b"failed to download" in made.stderr
    assert len(asked) == 1
    assert asked[0].startswith(b"CONNECT packages.typst.org")


@pytest.mark.parametrize(
    "template",
    ["#panic(data.name)", *map(long, ("#data.at(data.name)", "#image(data.name)", "#(data.name + 1)"))],
)
def test_nothing_of_the_data_is_told(template: str, tmp_path: Path) -> None:
    said = fails(template, tmp_path)
    assert "order.typ line 4" in said
    assert "QZ" not in said


def test_a_broken_template_is_told_in_full_before_anybody_s_data_is_set(place: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    clearscale.packet_templates(own)
    template = own / "order.typ"
    template.write_text(template.read_text().replace("#attorney(data)", "#attorny(data)"))
    with pytest.raises(ClearscaleError) as error:
        clearscale.packet(place / "run", tmp_path / "papers", county="YOLO", with_templates=own)
    assert "unknown variable: attorny" in str(error.value)
    assert "order.typ line" in str(error.value)
    assert not (tmp_path / "papers").exists()
    (tmp_path / "none").mkdir()
    with pytest.raises(ClearscaleError, match=r"has no template \(\*\.typ\)"):
        clearscale.packet(place / "run", tmp_path / "papers", county="YOLO", with_templates=tmp_path / "none")
    with pytest.raises(ClearscaleError, match="is not empty"):
        clearscale.packet_templates(own)


def test_characters_without_a_font_are_told_by_their_script(tmp_path: Path) -> None:
    setter = Setter({"order.typ": (HEAD + "#data.name").encode()})
    with pytest.raises(ClearscaleError) as error:
        setter.set_all([[Job("order", {"name": "QZ 王小明 ไทย"}, "order.pdf")]], tmp_path)
    assert "no font here shows (THAI, CJK)" in str(error.value)
    assert "with fonts" in str(error.value)
    assert not {*"王小明QZ"} & {*str(error.value)}


def test_texts_of_attacks_are_shown_as_they_are(tmp_path: Path) -> None:
    names = [name for name in ATTACKS if name.isprintable() and len(name) < 99]
    setter = Setter({"order.typ": (HEAD + "#for name in data.names { par(name) }").encode()})
    setter.set_all([[Job("order", {"names": names}, "order.pdf")]], tmp_path)
    said = squeezed("".join(texts_of(tmp_path / "order.pdf")))
    assert [name for name in names if squeezed(name) not in said] == []


def test_only_a_word_that_is_too_long_is_broken(tmp_path: Path) -> None:
    texts = ["DE LA CONCEPCIÓN ANNE-MARIE", "SANTIAGO-VILLANUEVA,MARÍA", f"DE LA {'X' * 30} RÍO"]
    template = '#import "common.typ": *\n' + HEAD + "#for text in data.texts { par(breakable(text)) }"
    setter = Setter(packaged_templates() | {"order.typ": template.encode()})
    setter.set_all([[Job("order", {"texts": texts}, "order.pdf")]], tmp_path)
    broken = "\u200b".join("X" * 30)
    wanted = [texts[0], "SANTIAGO-\u200bVILLANUEVA,\u200bMARÍA", f"DE LA {broken} RÍO"]
    said = "".join(texts_of(tmp_path / "order.pdf"))
    assert [text for text in wanted if text not in said] == [], repr(said)


@pytest.mark.long
@pytest.mark.parametrize("name", ["california", "illinois", "michigan"])
def test_templates_that_are_written_can_be_tried_with_their_data(name: str, tmp_path: Path) -> None:
    papers = papers_of(name)
    for words in papers.words.values():
        office = Office.packaged()
        jobs = example_jobs(office, papers, words)
        assert {job.paper for job in jobs} == {"order", "declaration", "notice", "review"}
        assert office.seal is not None
        Setter(packaged_templates() | dict([office.seal])).try_out(jobs, tmp_path)


def test_the_templates_that_are_written_are_the_packaged_ones_with_data_beside_them(tmp_path: Path) -> None:
    paths = [Path(path) for path in clearscale.packet_templates(tmp_path / "own")]
    written = {path.name: path.read_bytes() for path in paths}
    assert {**packaged_templates()}.items() <= written.items()
    for paper in ("order", "declaration", "notice", "review"):
        assert json.loads(written[f"{paper}.json"])["draft"] is True
    assert Office.read(tmp_path / "own" / "office.toml") == Office.packaged()
    assert state().papers.words[CONVICTIONS].title in json.loads(written["order.json"])["title"]
