"""What others say of a failed login, made fit for a sentence of ours."""

import re
from collections.abc import Iterable

LONGEST = 300
"""Characters that are repeated at most."""

_TOKEN = re.compile(r"00D\w{9,15}![^\s\"'<>]+|eyJ[\w-]+\.[\w.-]+")
"""An access token of an org, or a signed assertion."""


def told(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without secrets, tokens and control characters, cut where it is long."""
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    shown = "".join(character if character.isprintable() else " " for character in _TOKEN.sub("***", text))
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}..."
