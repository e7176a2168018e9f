"""What a text is written in."""

from pathlib import Path

import pytest

from tests.sources import only, refusal, rows_of

GERMAN = "id,name\n1,Jörg Müller\n2,Änne Weiß\n3,Bob “B” 5 €\n"
POLISH = "id,name\n" + "1,Łukasz Żółć\n2,Święty Paweł źdźbło\n3,Kraków gęś\n" * 20
RUSSIAN = "id,name\n" + "1,Иван Петров\n2,Мария Сидорова\n" * 20
JAPANESE = "id,name\n" + "1,山田太郎\n2,鈴木花子さん\n" * 20


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((GERMAN, each) for each in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252")),
        (GERMAN.replace("“B” 5 €", ""), "latin-1"),
        ("id,name\n1,M\xfcller\n", "latin-1"),
        ("id,nom\n1,Élise à Orléans\n2,François Lefèvre\n3,Noël\n", "cp1252"),
        (POLISH, "cp1250"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
    ],
)
def test_a_text_is_read_in_its_encoding(tmp_path: Path, text: str, encoding: str) -> None:
    """Whatever it is, each letter is the one that was written."""
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(encoding))

    expected = [line.split(",")[1] for line in text.splitlines()]

    header = only(path).schema.names[1]
    assert expected == [header, *(row[header] for row in rows_of(path))]


def test_a_first_umlaut_after_two_megabytes_is_read(tmp_path: Path) -> None:
    """All of the file is looked at, and not its beginning."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n" + b"1,Ada\n" * 400_000 + "2,Müller\n".encode("cp1252"))

    assert {"id": "2", "name": "Müller"} == rows_of(path)[-1]


@pytest.mark.parametrize("bad", ["2,Müller\n".encode("cp1252"), "ü".encode()[:1]])
def test_utf_8_for_a_part_is_refused(tmp_path: Path, bad: bytes) -> None:
    """Any one decoding would garble the other part; the message names the line."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n" + "1,Jörg\n".encode() * 200_000 + bad)

    assert "is UTF-8 for a part only: line 200002 is not" in refusal(path)


def test_utf_8_after_the_fault_is_noticed_too(tmp_path: Path) -> None:
    """The part that is not UTF-8 may come first."""
    path = tmp_path / "a.csv"
    path.write_bytes("id,name\n1,Müller\n".encode("cp1252") + "2,Jörg\n".encode() * 3)

    assert "is UTF-8 for a part only: line 2 is not" in refusal(path)


def test_what_may_be_several_encodings_is_refused_with_their_names(tmp_path: Path) -> None:
    """A guess would put other letters into names."""
    path = tmp_path / "a.csv"
    text = "id,name\n" + "1,Jörg Müller aus Köln\n2,Änne Weiß aus München\n" * 20
    path.write_bytes(text.encode("mac_roman"))

    message = refusal(path)

    assert "is not UTF-8, first on line 2, and may be" in message
    assert "mac_roman" in message


def test_text_in_no_encoding_is_refused(tmp_path: Path) -> None:
    """Bytes that no candidate decodes."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n1," + bytes(range(128, 256)) + b"\n")

    assert "in no encoding we can tell" in refusal(path)


def test_a_guess_that_fails_later_is_refused(tmp_path: Path) -> None:
    """0x81 is no character of windows-1252."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,name\n" + "1,Jörg\n".encode("cp1252") * 50_000 + b"2,\x81\n")

    assert "is not cp1252 to its end" in refusal(path)
