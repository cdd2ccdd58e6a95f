"""Requests that change no record, such as reads: whatever became of one, it may be sent again."""

from typing import TYPE_CHECKING, Any

from reconciler.errors import ConnectionFailed, RequestRefused
from reconciler.salesforce.retry import PASSING, Patience, judge
from reconciler.salesforce.session import NoAnswer, NotSent, Session

if TYPE_CHECKING:
    from requests import Response


def insist(session: Session, patience: Patience, method: str, path: str, **options: Any) -> "Response":
    """Send until there is an answer or patience ends; raises ConnectionFailed then, RequestRefused for a final no."""
    last = ConnectionFailed("no try was left")
    for _ in patience.waits():
        try:
            return session.send(method, path, **options)
        except NoAnswer as lost:
            # An org that was never reached is a wrong address rather than a hiccup: say so at once.
            if isinstance(lost, NotSent) and not session.is_reached:
                raise
            last = lost
        except RequestRefused as refused:
            if judge(refused.code, refused.message, refused.status) not in PASSING:
                raise
            last = ConnectionFailed(f"{session.instance_url} is busy: {refused.code}: {refused.message}")
    raise last
