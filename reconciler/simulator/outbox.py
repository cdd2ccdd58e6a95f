"""The mails that the org would have sent: counted, never sent. A mail is undone with the transaction that caused it."""

import json
from collections.abc import Mapping, Sequence

from reconciler.simulator.store import Store

_NEXT = "next mail"
_KEY = "mail {:09d}"


def count_mail(store: Store, kind: str, user_id: str, address: str, at: str) -> None:
    """Count a mail to a user."""
    with store.transaction():
        number = int(store.meta_get(_NEXT) or 1)
        store.meta_set(_NEXT, str(number + 1))
        mail = {"number": number, "kind": kind, "user": user_id, "address": address, "at": at}
        store.meta_set(_KEY.format(number), json.dumps(mail))


def mails(store: Store) -> Sequence[Mapping[str, str | int]]:
    """Every mail that was counted, the first one first: number, kind, user, address, at."""
    rows = store.select("SELECT value FROM _meta WHERE key LIKE 'mail %' ORDER BY key", [])
    return [json.loads(row[0]) for row in rows]
