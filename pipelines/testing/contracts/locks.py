"""What locks do, whoever keeps them."""

import pytest

from pipelines.domain.ports.locks import Locks
from pipelines.errors import RunLocked

NAME = "writer of subscribers"


class LocksContract:
    """Tests of locks nobody holds, which a subclass provides as the fixture `locks`."""

    def test_a_lock_can_be_taken_again_once_its_block_has_ended(self, locks: Locks) -> None:
        """It is let go at the end, so that the next one is not refused."""
        with locks.lock(NAME):
            pass
        with locks.lock(NAME):
            pass

    def test_other_names_are_other_locks(self, locks: Locks) -> None:
        """Writers of two populations do not get in each other's way."""
        with locks.lock(NAME), locks.lock("writer of telco"), locks.lock("dbt build"):
            pass

    def test_whoever_comes_second_is_refused(self, locks: Locks) -> None:
        """The message names the lock and who has it, the next step is to wait."""
        with locks.lock(NAME), pytest.raises(RunLocked) as refused, locks.lock(NAME):
            pytest.fail("two hold the lock")

        wanted, _, holder = refused.value.message.partition(", and now it is ")
        assert f"there can be one {NAME} at a time" == wanted
        assert holder
        assert "wait" in refused.value.next_step

    def test_a_refusal_takes_nothing_from_the_holder(self, locks: Locks) -> None:
        """Who is refused does not let go of what somebody else holds."""
        with locks.lock(NAME):
            for _ in range(2):
                with pytest.raises(RunLocked), locks.lock(NAME):
                    pytest.fail("two hold the lock")

    def test_a_block_that_fails_lets_go(self, locks: Locks) -> None:
        """Its error passes through as it is, and the lock is free."""
        error = ValueError("of the block")
        with pytest.raises(ValueError, match="of the block") as raised, locks.lock(NAME):
            raise error

        assert error is raised.value
        with locks.lock(NAME):
            pass
