"""
What every adapter of a port has to do, and its double too: one class of tests a port.

A suite is called after its port, `LocksContract`, and lies where the port does: by subject. To run
it, derive a test class, give it the fixture its docstring asks for and the hooks it leaves open:

    class TestMemoryLocks(LocksContract):
        @pytest.fixture
        def locks(self) -> Locks:
            return MemoryLocks()

Hooks do what cannot be said through the port itself, such as letting a run pass its gate. Tests say
only what is true of every implementation; what one of them adds is tested beside it.
"""
