"""What the simulated org answers when it refuses.

    SimulatorError
    ├── ApiError     the whole request is refused (HTTP status >= 400, top-level error)
    ├── RowError     one record of a DML call is refused (HTTP status depends on the API)
    └── RowErrors    one record is refused for several reasons at once

The first two carry Salesforce's own code, sentence and fields. Only `wire/` knows the JSON they become: a top-level
error has the key `errorCode`, a row of sObject Collections has `statusCode`.
"""

from dataclasses import dataclass


class SimulatorError(Exception):
    """Anything that the simulated org refuses."""


@dataclass(unsafe_hash=True)
class ApiError(SimulatorError):
    """A refused request.

    Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/errorcodes.htm
    """

    status: int
    code: str
    message: str
    fields: tuple[str, ...] = ()
    also: tuple["ApiError", ...] = ()


@dataclass(unsafe_hash=True)
class RowError(SimulatorError):
    """A refused record."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    @property
    def errors(self) -> tuple["RowError", ...]:
        """The error itself: an exception of either kind is asked alike."""
        return (self,)


@dataclass(unsafe_hash=True)
class RowErrors(SimulatorError):
    """A record that is refused for several reasons."""

    errors: tuple[RowError, ...]
