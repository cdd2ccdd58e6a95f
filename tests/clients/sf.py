"""The `sf` CLI in a home of its own, told to ask nothing of any machine but this."""

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.clients.asked import Asked
from tests.clients.node import SF, run_node

# The machine's proxies are not among these: the CLI would send requests to this machine there, whatever NO_PROXY says.
QUIET = {
    "SF_DISABLE_AUTOUPDATE": "true",
    "SF_DISABLE_DNS_CHECK": "true",
    "SF_DISABLE_LOG_FILE": "true",
    "SF_DISABLE_TELEMETRY": "true",
    "SF_SKIP_NEW_VERSION_CHECK": "true",
    "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
}


@dataclass(frozen=True)
class Sf:
    """The CLI as one user has it: a home for its state, a folder to work in, and the org that it is used with."""

    org: Asked
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command and wait for it."""
        environment = {**QUIET, "HOME": str(self.folder), **self.variables, **variables}
        if self.org.ca_file:
            environment["NODE_EXTRA_CA_CERTS"] = str(self.org.ca_file)
        return run_node(["--no-deprecation", SF, *arguments], environment, self.folder)

    def text(self, *arguments: str | Path, **variables: str) -> str:
        """What a command prints that must succeed."""
        done = self.run(*arguments, **variables)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def result(self, *arguments: str | Path, **variables: str) -> Any:
        """The result of a command that must succeed, asked for as JSON."""
        return json.loads(self.text(*arguments, "--json", **variables))["result"]

    def refusal(self, *arguments: str | Path, **variables: str) -> Any:
        """The error of a command that must fail, asked for as JSON."""
        done = self.run(*arguments, "--json", **variables)
        assert done.returncode != 0, done.stdout
        return json.loads(done.stdout)

    def file(self, name: str, content: str) -> Path:
        """A file in the folder that the commands run in."""
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        return path


def logged_in(org: Asked, folder: Path) -> Sf:
    """The CLI with that org as its default, by an access token."""
    sf = Sf(org, folder)
    login = ["org", "login", "access-token", "--instance-url", org.url, "--no-prompt", "--alias", "sim"]
    sf.result(*login, "--set-default", SF_ACCESS_TOKEN=org.org.token)
    return sf
