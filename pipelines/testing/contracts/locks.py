"""What locks do, whoever keeps them."""

import pytest

from pipelines.domain.ports.locks import Locks
from pipelines.errors import RunLocked

NAME = "writer of subscribers"


class LocksContract:
    """
    Tests of locks nobody holds.

    A subclass provides them as the fixture `locks`, and the same locks as another process sees them
    as the fixture `others`.
    """

    def test_a_lock_can_be_taken_again_once_its_block_has_ended(
        self, locks: Locks, others: Locks
    ) -> None:
        """By whoever comes next."""
        for taker in (locks, others, others, locks):
            with taker.lock(NAME):
                pass

    def test_other_names_are_other_locks(self, locks: Locks, others: Locks) -> None:
        """Writers of two populations do not get in each other's way."""
        with locks.lock(NAME), locks.lock("writer of trial"), others.lock("dbt build"):
            pass

    def test_whoever_comes_second_is_refused(self, locks: Locks, others: Locks) -> None:
        """The message names the lock and who has it, the next step is to wait."""
        with locks.lock(NAME), pytest.raises(RunLocked) as refused, others.lock(NAME):
            pytest.fail("two hold the lock")

        wanted, _, holder = refused.value.message.partition(", and now it is ")
        assert f"there can be one {NAME} at a time" == wanted
        assert holder
        assert "wait" in refused.value.next_step

    def test_the_holder_itself_is_refused_as_well(self, locks: Locks) -> None:
        """A lock is held once, by a block and not by a process."""
        with locks.lock(NAME), pytest.raises(RunLocked), locks.lock(NAME):
            pytest.fail("two hold the lock")

    def test_a_refusal_takes_nothing_from_the_holder(self, locks: Locks, others: Locks) -> None:
        """Who is refused does not let go of what somebody else holds."""
        with locks.lock(NAME):
            for _ in range(2):
                with pytest.raises(RunLocked), others.lock(NAME):
                    pytest.fail("two hold the lock")

    def test_a_block_that_fails_lets_go(self, locks: Locks, others: Locks) -> None:
        """Its error passes through as it is, and the lock is free."""
        error = ValueError("of the block")
        with pytest.raises(ValueError, match="of the block") as raised, locks.lock(NAME):
            raise error

        assert error is raised.value
        with others.lock(NAME):
            pass
