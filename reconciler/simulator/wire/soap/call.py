"""One SOAP call: what it asks, in which dialect, by whom."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from reconciler.simulator.errors import ApiError
from reconciler.simulator.wire.context import Context
from reconciler.simulator.wire.markup import Element


class Dialect(StrEnum):
    """The letter of an endpoint: what the API behind it is."""

    PARTNER = "u"
    ENTERPRISE = "c"
    APEX = "s"


@dataclass(frozen=True, slots=True)
class SoapCall:
    """A call and its headers; `context.user_id` is empty for a login."""

    context: Context
    dialect: Dialect
    body: Element
    header: Element

    def option(self, header: str, name: str) -> str:
        """A value of a header; empty when it is not sent."""
        found = self.header.child(header)
        return found.value(name) if found else ""

    def is_set(self, header: str, name: str) -> bool:
        """Whether a header says true."""
        return self.option(header, name).lower() in {"true", "1"}


@dataclass(frozen=True, slots=True)
class Reply:
    """The markup inside the call's response element, and what stands in the header beside the limits."""

    content: str = ""
    header: str = ""


Answer = Callable[[SoapCall], Reply]


def unexpected(code: str, message: str) -> ApiError:
    """A refused call."""
    return ApiError(500, code, message)
