"""What is shown of text that somebody else has written."""

import pytest

from pipelines.domain.cells import spreadsheet_cell, visible


@pytest.mark.parametrize(
    "text", ["", "C-1", "Zoë ☃", "कि", "👩\u200d🔧", "a'b\"c", "[bold]x[/bold]", "\\[", "Ξ 50 %"]
)
def test_what_is_seen_stays(text: str) -> None:
    """Letters of any script, marks, emoji and markup of ours."""
    assert text == visible(text) == spreadsheet_cell(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x07gone", r"\x1b[2J\x07gone"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\x9b31m", r"\x9b31m"),
        ("\u202efdp.exe", r"\u202efdp.exe"),
        ("\u200bzero", r"\u200bzero"),
        ("\ufeffbom", r"\ufeffbom"),
    ],
)
def test_what_acts_is_written_out(text: str, shown: str) -> None:
    """Escapes, lines that overwrite, and text that turns around."""
    assert shown == visible(text)


def test_a_line_break_may_stay() -> None:
    """Where the caller can show one."""
    assert "a\nb\\x1b" == visible("a\nb\x1b", kept="\n")
    assert "a\nb\tc\\x1b" == spreadsheet_cell("a\nb\tc\x1b")


@pytest.mark.parametrize("first", [*"=+-@\t\r\n", "\uff1d"])
def test_no_cell_is_a_formula(first: str) -> None:
    """It gets an apostrophe, which spreadsheets take for: this is text."""
    assert spreadsheet_cell(f"{first}cmd|' /C calc'!A0").startswith("'")


@pytest.mark.parametrize("value", [-1, -0.5, None, True, 7])
def test_what_is_no_text_stays_itself(value: object) -> None:
    """A negative number is a number."""
    assert value is spreadsheet_cell(value)
