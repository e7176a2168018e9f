"""What is shown of text from data."""

import sys
import unicodedata

import pytest

from pipelines.domain.alerts.plain import one_line, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("más 10 €, 漢字", "más 10 €, 漢字"),
        ("one\ntwo\r\nthree\u2028four\u2029five", "one\ntwo\nthree\nfour\nfive"),
        ("\u202egnp.exe\u2066\u061c", "gnp.exe"),
        ("a\U000e0041\u200b\u180eb", "ab"),
        ("\x1b[31mred\x00\x85", " [31mred  "),
        ("half \ud800 of a pair", "half   of a pair"),
    ],
)
def test_what_others_would_act_on_is_gone(text: str, expected: str) -> None:
    """Ends of lines stay ends of lines."""
    assert expected == plain(text)


def test_no_character_ends_a_header_or_turns_a_line() -> None:
    """Of all there are."""
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    shown = one_line(every)

    assert {"Cc", "Cf", "Cs", "Zl", "Zp"}.isdisjoint({unicodedata.category(sign) for sign in shown})
    assert [shown] == shown.splitlines()
    assert len(shown) > 100_000
