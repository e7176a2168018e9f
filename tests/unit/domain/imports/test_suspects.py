"""Digests that may repeat an earlier one."""

import hashlib

import pyarrow as pa

from pipelines.domain.imports.suspects import KEY_BYTES, Suspects


def digests(*values: int) -> pa.Array:
    """Return a digest of each value."""
    return pa.array([hashlib.sha256(str(value).encode()).digest() for value in values], pa.binary())


def test_every_one_that_repeats_is_suspected() -> None:
    """Of the same batch or an earlier one; hardly any other is."""
    suspects = Suspects()

    assert [False, False, False, True] == suspects.add(digests(1, 2, 3, 2)).tolist()
    assert [False, False, True] == suspects.add(digests(0, 4, 5, 1)[1:]).tolist()
    assert [] == suspects.add(digests()).tolist()
    assert [False, False, True, True] == suspects.add(digests(6, 7, 7, 7)).tolist()
    expected = {digest[:KEY_BYTES] for digest in digests(1, 2, 7).to_pylist()}
    assert expected == {*suspects.keys().to_pylist()}


def test_of_many_few_are_suspected_wrongly() -> None:
    """And none that was there is not, however full it gets."""
    for sizes, most in (
        (((24, None),), 200),
        (((19, 20_000), (24, None)), 2_000),
        (((10, None),), 60_000),
    ):
        suspects = Suspects(sizes)
        wrongly = sum(
            int(suspects.add(digests(*range(first, first + 10_000))).sum())
            for first in range(0, 60_000, 10_000)
        )

        assert wrongly < most
        assert suspects.add(digests(*range(0, 60_000, 7))).all()


def test_where_nothing_was_nothing_is_suspected() -> None:
    """An empty load."""
    assert [] == Suspects().keys().to_pylist()
