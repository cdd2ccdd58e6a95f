"""Whether the process that writes a file is still alive: a lock on the file ends with it, however it ends."""

from typing import IO

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no such lock: a run there never seems to go on
    fcntl = None  # type: ignore[assignment]


def hold(file: IO[str]) -> None:
    """Lock the file until it is closed; raises BlockingIOError when another process holds it."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_held(file: IO[str]) -> bool:
    """Whether a living process holds the file."""
    try:
        hold(file)
    except BlockingIOError:
        return True
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_UN)
    return False
