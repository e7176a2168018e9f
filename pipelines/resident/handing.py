"""What is said between a command and the process it is handed to, over a socket of their own."""

import itertools
import json
import os
import socket
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final, Self

# Names the socket, in the environment of those who hand over: Airflow's tasks.
ADDRESS: Final = "CHURN_RESIDENT"
# Read by Python or a library while it starts, or by us for the whole of a process.
AT_START = ("CHURN_", "LC_", "LD_", "MALLOC", "OMP_", "OPENBLAS", "PYTHON")
AT_START_ALONE = {"LANG", "TZ"}

SIZE: Final = struct.Struct(">I")
CODE: Final = struct.Struct(">i")
LONGEST = 2**20
TAKEN, BEGIN = b"T", b"B"


@dataclass(frozen=True)
class Asked:
    """
    A command as somebody typed it.

    Attributes:
        words: The command and its options.
        folder: Where it was typed.
        environment: Of whoever typed it.
    """

    words: tuple[str, ...]
    folder: str
    environment: Mapping[str, str]

    @property
    def name(self) -> str:
        """The command, without its options."""
        return " ".join(itertools.takewhile(lambda word: not word.startswith("-"), self.words))

    def send(self, line: socket.socket) -> None:
        """Send it, with this process's input, output and errors."""
        told = json.dumps(asdict(self)).encode()
        socket.send_fds(line, [SIZE.pack(len(told))], [0, 1, 2])
        line.sendall(told)

    @classmethod
    def receive(cls, line: socket.socket) -> tuple[Self, list[int]]:
        """
        Receive what `send` sent, and the three descriptors.

        Raises:
            ValueError: It is something else.
        """
        head, descriptors, _, _ = socket.recv_fds(line, SIZE.size, 3)
        try:
            for each in descriptors:
                os.set_inheritable(each, False)
            if len(head) != SIZE.size or len(descriptors) != 3:
                raise ValueError("no command")
            (size,) = SIZE.unpack(head)
            if size > LONGEST:
                raise ValueError(f"a command of {size} bytes")
            told = json.loads(exactly(line, size))
            asked = cls(tuple(told["words"]), str(told["folder"]), dict(told["environment"]))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            for each in descriptors:
                os.close(each)
            raise ValueError(str(error)) from None

        return asked, descriptors


def exactly(line: socket.socket, size: int) -> bytes:
    """
    Return the next so many bytes.

    Raises:
        ValueError: The other side ended before.
    """
    found = b""
    while len(found) < size:
        more = line.recv(size - len(found))
        if not more:
            raise ValueError(f"{len(found)} bytes of {size}")
        found += more

    return found


def at_start(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what of an environment has to be the same in both processes."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(AT_START) or name in AT_START_ALONE
    }


def is_ours(line: socket.socket) -> bool:
    """Tell whether the other side is this user's, where the system says whose it is."""
    if not hasattr(socket, "SO_PEERCRED"):
        return True  # the folder of the socket is its owner's alone
    who = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))

    return bool(struct.unpack("3i", who)[1] == os.getuid())
