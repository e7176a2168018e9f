"""Another user of this machine: code that runs with their rights, and nothing of ours."""

import os
import pickle
import pwd
import socket
import traceback
from collections.abc import Callable
from typing import TypeVar

import pytest

T = TypeVar("T")
# An account every machine has, and whose processes none of ours run as.
UID = pwd.getpwnam("daemon").pw_uid

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a second user")


def as_neighbour(do: Callable[[], T]) -> T:
    """
    Return what *do* returns as the neighbour, in a process of its own.

    Args:
        do: Its modules have to be imported already: the neighbour may not be able to read them.

    Raises:
        AssertionError: It raised, with its traceback.
    """
    "localhost".encode("idna")  # the codec is a module as well
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        try:
            os.setgroups([])
            os.setgid(UID)
            os.setuid(UID)
            os.chdir("/")
            answer: tuple[bool, object] = (True, do())
        except BaseException:  # told to the parent
            answer = (False, traceback.format_exc())
        with theirs.makefile("wb") as stream:
            pickle.dump(answer, stream)
        os._exit(0)
    theirs.close()
    with ours, ours.makefile("rb") as stream:
        is_done, result = pickle.load(stream)
    os.waitpid(pid, 0)
    assert is_done, result

    return result
