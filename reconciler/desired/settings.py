"""`sfrec.yaml`: the orgs of a project. Secrets are never in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from reconciler.desired.compose import documents
from reconciler.desired.finding import finding
from reconciler.desired.schema import violations
from reconciler.desired.source import decoded, read_bytes
from reconciler.errors import InvalidFiles
from reconciler.model import Position, Problem

FILE = "sfrec.yaml"


def load_settings(project: Path) -> Mapping[str, Any]:
    """The settings of a project; empty when there is no file. Raises InvalidFiles."""
    path = project / FILE
    if not path.exists():
        return {}
    content = read_bytes(str(path), FILE)
    text = content if isinstance(content, Problem) else decoded(content, FILE)
    if isinstance(text, Problem):
        raise InvalidFiles([text])
    found = list(documents(text, FILE))
    problems = [item for item in found if isinstance(item, Problem)]
    settings = [item for item in found if not isinstance(item, Problem)]
    if len(settings) > 1:
        problems.append(finding("SF010", settings[1].start, "a second document", "keep one"))
    if not settings and not problems:
        problems.append(finding("SF011", Position(FILE, 1, 1), "the file is empty", "remove it, or name an org"))
    problems += [problem for document in settings for problem in violations(document, "sfrec.schema.json")]
    if problems:
        raise InvalidFiles(problems)
    value: Mapping[str, Any] = settings[0].value
    return value
