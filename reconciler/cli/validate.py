"""`sfrec validate`: check the desired-state files without asking any org."""

import json
import os
from pathlib import Path

from reconciler.cli.options import Format, FormatOption, OutOption, ProjectOption
from reconciler.cli.output import findings_shown, write


def validate(project: ProjectOption = Path(), format_: FormatOption = Format.TEXT, out: OutOption = None) -> int:
    """Check the desired-state files; no org is asked."""
    from reconciler import pipeline
    from reconciler.desired import cache_folder

    with findings_shown(format_, out):
        declarations = pipeline.load(project, cache_folder(os.environ)).declarations
    files = {file for _, file, _, _ in declarations.values()}
    if format_ is Format.JSON:
        write(json.dumps({"format": "sfrec.problems/1", "problems": []}, indent=2) + "\n", out)
    else:
        write(f"Valid: {len(declarations)} users in {len(files)} files. Offline: no org was asked.\n", out)
    return 0
