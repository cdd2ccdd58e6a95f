"""Borrowing the login of the Salesforce CLI.

Newer versions hide the token in `org display` and show it by a command of its own.
Source: https://github.com/salesforcecli/plugin-org/pull/1667
"""

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from reconciler.errors import LoginFailed, UsageError
from reconciler.salesforce.login import Grant
from reconciler.salesforce.session import checked_url
from reconciler.salesforce.told import told

_REDACTED = "[REDACTED]"
_OURS = "SFREC_"
_NO_JSON: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class SfCli:
    """Asks the program `sf` of the environment's PATH, each time it is called.

    `target` is a username or an alias, None for the CLI's own default org.
    """

    target: str | None
    environ: Mapping[str, str]
    timeout_seconds: float

    def __call__(self) -> Grant:
        """The CLI's token and where it is good; raises LoginFailed, or UsageError when there is no such program."""
        shown = self._result("org", "display")
        token = self._token() or _visible(shown.get("accessToken"))
        if token is None:
            msg = "the Salesforce CLI shows no access token; log in anew by sf org login"
            raise LoginFailed(msg)
        try:
            return Grant(token, checked_url(str(shown.get("instanceUrl") or "")))
        except UsageError as error:
            msg = f"the Salesforce CLI names no address that a token is sent to: {error}"
            raise LoginFailed(msg) from None

    def _token(self) -> str | None:
        """The token, by the command that older versions lack."""
        result = self._answer("org", "auth", "show-access-token").get("result")
        return _visible(result.get("accessToken")) if isinstance(result, Mapping) else None

    def _result(self, *command: str) -> Mapping[str, Any]:
        """The result of a command of the CLI; raises LoginFailed with its own message when it has none."""
        answer = self._answer(*command)
        result = answer.get("result")
        if answer.get("status") == 0 and isinstance(result, Mapping):
            return result
        said = ": ".join(str(answer[key]) for key in ("name", "message") if answer.get(key)) or "it answered no JSON"
        msg = f"sf {' '.join(command)} failed: {told(said)}; log in by sf org login, or name its alias in username"
        raise LoginFailed(msg)

    def _answer(self, *command: str) -> Mapping[str, Any]:
        program = shutil.which("sf", path=self.environ.get("PATH", ""))
        if program is None:
            msg = "login sf_cli needs the Salesforce CLI, and the PATH has no program sf; install it or log in by jwt"
            raise UsageError(msg)
        target = ["-o", self.target] if self.target else []
        output = self._run([program, *command, *target, "--json"])
        try:
            answer = json.loads(output)
        except ValueError:
            return _NO_JSON
        return answer if isinstance(answer, Mapping) else _NO_JSON

    def _run(self, command: list[str]) -> bytes:
        """What the program prints; it and all that it has started are ended when it takes too long."""
        try:
            process = subprocess.Popen(  # noqa: S603 - no shell, and the target can't be read as an option
                command,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            msg = f"the Salesforce CLI can't be run: {error.strerror}"
            raise UsageError(msg) from None
        with process:
            try:
                return process.communicate(timeout=self.timeout_seconds)[0]
            except BaseException as error:
                _end(process)
                if isinstance(error, subprocess.TimeoutExpired):
                    msg = f"the Salesforce CLI did not end within {self.timeout_seconds:g} seconds"
                    raise LoginFailed(msg) from None
                raise

    def _environment(self) -> dict[str, str]:
        """The CLI's environment: without our secrets, and without colours, which would stand in the JSON."""
        kept = {name: value for name, value in self.environ.items() if not name.startswith(_OURS)}
        kept.pop("FORCE_COLOR", None)
        return {**kept, "NO_COLOR": "1"}


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a program with its children: they would hold its output open."""
    if hasattr(os, "killpg"):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:  # pragma: no cover - Windows
        process.kill()
    process.wait()


def _visible(value: object) -> str | None:
    """A token that the CLI shows; None where it shows none."""
    return value if isinstance(value, str) and value and not value.startswith(_REDACTED) else None
