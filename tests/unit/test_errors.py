"""The tree of expected failures is complete, drawn and numbered."""

from pipelines import errors

LEAVES = errors.ChurnError.__subclasses__()


def test_every_error_has_an_exit_code_of_its_own() -> None:
    """No two kinds of failure end alike, and none like success or wrong usage."""
    codes = [error.exit_code for error in LEAVES]

    assert len(LEAVES) > 10
    assert len(codes) == len(set(codes))
    assert not {0, 1, 2} & set(codes)


def test_the_docstring_draws_every_error() -> None:
    """The tree at the top of the module names each error with its code and owner."""
    drawn = errors.__doc__ or ""
    missing = [
        error.__name__
        for error in LEAVES
        if not any(
            error.__name__ in line and str(error.exit_code) in line and error.owner in line
            for line in drawn.splitlines()
        )
    ]

    assert [] == missing
