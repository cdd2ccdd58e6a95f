"""`sfrec history`: the applies that this project has a journal of."""

import os
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli.options import Format, FormatOption, OutOption, ProjectOption
from reconciler.cli.output import write


def history(
    run: Annotated[str | None, typer.Argument(help="A run's id: tell what became of each of its changes.")] = None,
    project: ProjectOption = Path(),
    format_: FormatOption = Format.TEXT,
    out: OutOption = None,
) -> int:
    """List the applies of this project, or tell one whole."""
    from reconciler import pipeline, render

    runs = pipeline.runs_folder(project, os.environ)
    if run is not None:
        record = pipeline.read_run(runs, run)
        write(render.results_json(record) if format_ is Format.JSON else render.run_text(record), out)
        return 0
    records = [pipeline.read_run(runs, id_) for id_ in pipeline.run_ids(runs)]
    write(render.history_json(records) if format_ is Format.JSON else render.history_text(records), out)
    return 0
