"""`sfrec validate`: check the desired-state files without asking any org."""

import json
from pathlib import Path

from reconciler.cli.options import Format, FormatOption, OutOption, ProjectOption
from reconciler.cli.output import findings_shown, write


def validate(project: ProjectOption = Path(), format_: FormatOption = Format.TEXT, out: OutOption = None) -> int:
    """Check the desired-state files; no org is asked."""
    from reconciler import pipeline
    from reconciler.model import Kind

    with findings_shown(format_, out):
        users = pipeline.load(project).of(Kind.USER)
    files = {user.source.file for user in users if user.source}
    if format_ is Format.JSON:
        write(json.dumps({"format": "sfrec.problems/1", "problems": []}, indent=2) + "\n", out)
    else:
        write(f"Valid: {len(users)} users in {len(files)} files. Offline: no org was asked.\n", out)
    return 0
