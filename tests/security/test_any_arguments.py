"""Every command with any arguments: obeyed, or refused with the exit code of what is wrong."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.security import command_line, examples

WORDS = st.sampled_from(
    [
        *("--help", "-h", "--version", "--future", "--", "-", "=", "", " ", "--as-of=", "-x", "\0"),
        *("2026-11-21", "0001-01-01", "9999-12-31", "2026-W47-6", "20261121", "0", "-1", "1e9"),
        *("subscribers", "trial", "bank", "nobody", "sources", "features", "scores", "mlflow"),
        *("9" * 400, "400d", "٣", "\udcff", "[bold]", "%s", "../..", "/dev/null", "\x1b[31m", "~"),
    ]
)
COMMANDS = command_line.commands()
# No command reaches the server it is told of, so a legal one ends there, whatever it would do.
CODES = {0, 2, 10, 11, 20}


OPTIONS = sorted({word for words in COMMANDS.values() for word in words})


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """Return any words, mostly after a command, with options of its own and of others."""
    name = draw(st.sampled_from(sorted(COMMANDS)))
    own = st.sampled_from(COMMANDS[name] or ["--help"])
    words = draw(st.lists(own | own | st.sampled_from(OPTIONS) | WORDS | st.text(), max_size=8))

    return draw(st.sampled_from([[name, *words], ["--future", name, *words], words]))


@pytest.mark.story
def test_any_arguments_are_obeyed_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Whatever is typed: a documented exit code, no traceback, and no password of an address."""
    folder: Path = tmp_path_factory.mktemp("arguments")
    assert len(COMMANDS) > 20

    @examples.settings()
    @given(words=lines())
    def holds(*, words: list[str]) -> None:
        answer = command_line.ask(*words, home=folder / "home", url=command_line.NOWHERE)

        assert answer.code in CODES, answer

    holds()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_refuses_words_it_does_not_know(tmp_path: Path, name: str) -> None:
    """No command is left out: each one says so, when it is given what it has no use for."""
    words = ["--no-such-option", *["x"] * 5]
    answer = command_line.ask(name, *words, home=tmp_path / "home", url=command_line.NOWHERE)

    assert 2 == answer.code
