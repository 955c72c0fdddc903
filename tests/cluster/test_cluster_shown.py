"""What may be shown of texts and URLs that others wrote."""

import random
import unicodedata

import pytest

from clearscale.errors import ClearscaleError
from clearscale_cluster import ClusterError
from clearscale_cluster.shown import has_secrets, shown, shown_url, without_query
from clearscale_cluster.spec import parse_spec
from tests.support.examples import examples

SCHEMES = ("http", "https", "ftp", "sftp", "ssh", "s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "wasb", "hdfs")
SCHEMES += ("webhdfs", "smb", "github", "dropbox", "oci", "tcp", "tls", "ws", "wss", "ucx", "memory", "HTTPS", "S3")
CHAINS = ("", "simplecache::", "filecache::", "zip://in.csv::", "tar://a/b.csv::", "simplecache::zip://x::")
HOSTS = ("bucket", "doj.example", "doj.example:8443", "10.0.0.5:8786", "[fe80::1]", "[2001:db8::1]:8786")
NAMES = ("X-Amz-Signature", "X-Amz-Credential", "sig", "sv", "AWSAccessKeyId", "token", "sas", "signature", "q")
ODD = "/+=:%!$&*-_.~"
"""Characters that keys and passwords have, some of which mean something in a URL."""


def _secret(chance: random.Random, odd: str) -> str:
    return "QJ" + "".join(chance.choice("0123456789abcdefXYZ" + odd) for _ in range(chance.randint(4, 24))) + "ZK"


def _pieces(secret: str) -> list[str]:
    """What must not be left of a secret: it, and what stands between characters at which a URL may be cut."""
    cut = secret
    for character in ODD:
        cut = cut.replace(character, " ")
    return [secret, *(piece for piece in cut.split() if len(piece) > 3)]


@pytest.mark.sampled
@pytest.mark.parametrize("seed", range(examples(120)))
def test_no_scheme_and_no_chain_shows_a_secret(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(200):
        user, password, query = _secret(chance, ""), _secret(chance, ODD), _secret(chance, ODD)
        host, name = chance.choice(HOSTS), chance.choice(NAMES)
        login = chance.choice(["", f"{user}@", f"{user}:{password}@", f":{password}@"])
        asked = chance.choice(["", f"?{name}={query}", f"?a=1&{name}={query}", f"/x?{query}"])
        scheme = chance.choice(SCHEMES)
        url = f"{chance.choice(CHAINS)}{scheme}://{login}{host}/2020/alameda.csv{asked}"
        if login == f"{user}@" and scheme in ("abfs", "abfss", "wasb"):
            continue  # a container
        secrets = [user, *_pieces(password), *_pieces(query)] if login or asked else []
        for said in (shown_url(url), shown(url), shown(f"cannot open '{url}': refused"), str(ClusterError(url))):
            assert [secret for secret in secrets if secret in said] == [], (url, said)
            assert shown(said) == said
        assert has_secrets(url) == bool(login or asked)
        if not (login or asked):
            assert shown_url(url) == url
        else:
            assert query not in without_query(url)


@pytest.mark.parametrize(
    "url",
    [
        "s3://doj/2020/*.csv.gz",
        "s3://bucket/a@b #1.csv",
        "abfs://container@account.dfs.core.windows.net/store",
        "file:///tmp/what?#@:.csv",
        "/tmp/a@b:c?d.csv",
        "https://doj.example:8443/2020/los%20angeles.csv",
        "tls://[fe80::1]:8786",
        "zip://in.csv::/data/in.zip",
        "memory://store",
    ],
)
def test_what_is_no_secret_stays(url: str) -> None:
    assert shown_url(url) == url
    assert not has_secrets(url)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("s3://KEY:SEC/RET@bucket/a.csv", "s3://***@bucket/a.csv"),
        ("https://user:p::w@doj.example/a.csv", "https://***@doj.example/a.csv"),
        ("https://user::pw@doj.example/a.csv", "https://***@doj.example/a.csv"),
        ("zip://x.csv::ftp://user::pw@doj.example/a.zip", "zip://x.csv::ftp://***@doj.example/a.zip"),
        ("https://user:p?w@doj.example/a.csv", "https://***?***"),
        ("https://user:p w'x@doj.example/a.csv", "https://***@doj.example/a.csv"),
        ("https://doj.example/next/https://user:pw@other/x", "https://doj.example/next/https://***@other/x"),
        ("https://doj.example/a.csv#access_token=x", "https://doj.example/a.csv#***"),
        ("abfs://user:pw@account/x", "abfs://***@account/x"),
        ("https://doj.example/dir;token=abc/x", "https://doj.example/dir;token=***"),
    ],
)
def test_odd_secrets(url: str, told: str) -> None:
    assert shown_url(url) == told


def test_messages_of_libraries() -> None:
    said = shown("403, message='Forbidden', url=URL('https://user:pw@doj.example/a.csv?X-Amz-Signature=5e3d')")
    assert said == "403, message='Forbidden', url=URL('https://***@doj.example/a.csv?***')"
    assert shown("AccountKey=abc==;Secret_Key=def, sig=1%2F2)") == "AccountKey=***;Secret_Key=***, sig=***)"
    assert shown("user:pw@node1:8786 refuses") == "***@node1:8786 refuses"


@pytest.mark.parametrize(
    "spec", ["tcp://user:pw@10.0.0.1:8786", "tls://node1:8786?token=pw", "ssh:user:pw@node1", "ssh:pw@node1"]
)
def test_a_cluster_is_named_without_secrets(spec: str) -> None:
    with pytest.raises(ClusterError) as caught:
        parse_spec(spec)
    assert "pw" not in str(caught.value)


HIDDEN = [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0xAD, 0x61C, *range(0x200B, 0x2010))]
HIDDEN += [chr(code) for code in (*range(0x2028, 0x202F), *range(0x2060, 0x2070), 0x3164, 0xFE0F, 0xFEFF, 0xE0041)]
HIDDEN += ["\udc80", "\ud800"]


@pytest.mark.parametrize("character", HIDDEN, ids=ascii)
def test_what_has_no_shape_is_escaped(character: str) -> None:
    for text in (character, f"los{character}angeles", f"é{character}"):
        said = shown(text)
        assert character not in said
        assert said.isprintable()
        assert said.encode("utf-8")
        assert shown(said) == said
        assert str(ClearscaleError(f"{text}: is no file")) == f"{said}: is no file"


def test_texts_of_people_stay() -> None:
    for text in ("LOS ANGELES", "Nuñez, José", "東京", "[bold]b[/bold]", "11357(b) HS", "50% = half", "x@y.org"):
        assert shown(text) == text
    assert all(unicodedata.category(character) != "Cc" for character in shown("\x1b]0;title\x07\x9b31m"))


def test_a_message_of_several_lines_has_no_more_than_it_was_made_of() -> None:
    error = ClearscaleError("a\nb.csv: refused", "  second: line")
    assert str(error) == "a\\nb.csv: refused\n  second: line"
    assert str(type(error)(*error.args)) == str(error)
