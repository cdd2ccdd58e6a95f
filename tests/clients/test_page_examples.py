"""The examples of docs/simulator.md that run jsforce and the `sf` CLI."""

import os
from pathlib import Path

import pytest

from tests.clients.node import CLIENTS, node_folder
from tests.clients.sf import QUIET
from tests.house.page_examples import EXAMPLES, Example, run_example

pytestmark = pytest.mark.clients

PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy")


@pytest.mark.parametrize("example", [item for item in EXAMPLES if item.needs_node], ids=lambda item: item.name)
def test_an_example_of_node_does_what_it_shows(tmp_path: Path, example: Example) -> None:
    node = node_folder()
    assert node is not None, "make clients installs Node.js"
    (tmp_path / "node_modules").symlink_to(CLIENTS / "node_modules")

    paths = os.pathsep.join([str(CLIENTS / "node_modules" / ".bin"), str(node / "bin")])
    run_example(example, tmp_path, paths, HOME=str(tmp_path), **QUIET, **dict.fromkeys(PROXIES, ""))
