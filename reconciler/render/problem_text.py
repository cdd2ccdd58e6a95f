"""Problems as lines of text and as JSON."""

import json
from collections.abc import Iterable, Iterator, Mapping

from reconciler.model import Problem
from reconciler.render.safe_text import shown


def problem_lines(problems: Iterable[Problem]) -> Iterator[str]:
    """One line a problem: place, severity and code, what is wrong; what to do."""
    for problem in problems:
        place = f"{shown(str(problem.source))}: " if problem.source else ""
        yield f"{place}{problem.severity.value} {problem.code}: {_long(problem.message)}; {_long(problem.remedy)}"


def _long(text: str) -> str:
    """A sentence of ours may be longer than a value; only its characters are made safe."""
    return " ".join(shown(word) for word in text.split(" "))


def problem_document(problem: Problem) -> Mapping[str, object]:
    """The problem as the JSON formats hold it."""
    source = problem.source
    return {
        "code": problem.code,
        "severity": problem.severity.value,
        "address": str(problem.address) if problem.address else None,
        "message": problem.message,
        "remedy": problem.remedy,
        "source": {"file": source.file, "line": source.line, "column": source.column} if source else None,
    }


def problems_json(problems: Iterable[Problem]) -> str:
    """The findings of the desired-state files alone: format `sfrec.problems/1`."""
    document = {"format": "sfrec.problems/1", "problems": [problem_document(problem) for problem in problems]}
    return json.dumps(document, indent=2) + "\n"
