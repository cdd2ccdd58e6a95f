"""The options that mean the same for every command."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from reconciler.model import Transport


class Format(StrEnum):
    """How a result is written."""

    TEXT = "text"
    JSON = "json"


class PlanFormat(StrEnum):
    """How a plan is written: for people, for programs, or as scripts to run by hand."""

    TEXT = "text"
    JSON = "json"
    APEX = "apex"


ProjectOption = Annotated[
    Path,
    typer.Option("--project", help="The folder that holds desired/ and sfrec.yaml.", file_okay=False, exists=True),
]
OrgOption = Annotated[
    str | None,
    typer.Option("--org", help="The org of sfrec.yaml to speak to; without any, the simulated org on this machine."),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How the result is written.")]
PlanFormatOption = Annotated[
    PlanFormat,
    typer.Option("--format", help="How the plan is written; apex: as scripts to run by hand."),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", help="Write the result to this file instead of standard output.", dir_okay=False)
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask before changes are sent.")]
MaxRequestsOption = Annotated[
    int | None,
    typer.Option(
        "--max-requests",
        help="Send at most this many API requests to the org.",
        envvar="SFREC_MAX_REQUESTS",
        min=1,
    ),
]
EventsOption = Annotated[
    Path | None,
    typer.Option("--events", help="Write what happens to this file as JSON lines, as it happens.", dir_okay=False),
]
ViaOption = Annotated[
    Transport | None,
    typer.Option("--via", help="What carries the contact of users; auto takes what needs the fewest requests."),
]
