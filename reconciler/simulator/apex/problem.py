"""What keeps a script from being compiled, and what ends it when it runs."""

from typing import TYPE_CHECKING

from reconciler.simulator.apex.tree import Place

if TYPE_CHECKING:
    from reconciler.simulator.apex.values import Box


class CompileProblem(Exception):
    """A script that Apex would not compile; nothing of it is kept."""

    def __init__(self, at: Place, message: str) -> None:
        super().__init__(message)
        self.at = at
        self.message = message


class Thrown(Exception):
    """An exception of Apex on its way up; `value` is what `catch` binds."""

    def __init__(self, at: Place, value: "Box") -> None:
        super().__init__(str(value))
        self.at = at
        self.value = value


class LimitExceeded(Exception):
    """A governor limit is passed: no script can catch that."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
