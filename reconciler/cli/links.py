"""How the contact of users is set: the option, else the environment, else sfrec.yaml."""

from collections.abc import Mapping
from pathlib import Path

from reconciler.errors import UsageError
from reconciler.model import Transport

_VIA, _NOTIFY = "SFREC_VIA", "SFREC_NOTIFY"
_TRUTHS: Mapping[str, bool] = {"true": True, "false": False}


def link_settings(project: Path, via: Transport | None, environ: Mapping[str, str]) -> tuple[Transport, bool]:
    """The way, and whether the users may get mails of it; raises UsageError or InvalidFiles."""
    from reconciler.desired import load_settings

    settings = load_settings(project)
    notify = environ.get(_NOTIFY) or str(settings.get("notify", False)).lower()
    if notify not in _TRUTHS:
        msg = f'{_NOTIFY} is "{notify[:40]}"; set it to true or false'
        raise UsageError(msg)
    chosen = via or environ.get(_VIA) or settings.get("via") or Transport.AUTO
    try:
        return Transport(chosen), _TRUTHS[notify]
    except ValueError:
        msg = f'{_VIA} is "{str(chosen)[:40]}"; choose one of: {", ".join(Transport)}'
        raise UsageError(msg) from None
