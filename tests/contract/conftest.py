"""Each contract runs in the simulated org, and in the real one that SFREC_REAL_ORG names."""

import json
import os
from collections.abc import Iterator

import pytest

from tests.contract.fidelity import ANSWER, CONTRACT, HALVES, LEFT
from tests.contract.real_half import NAME, NO_ORG, Unreachable, real_org
from tests.contract.simulated_half import simulated_org
from tests.contract.sources import Tag
from tests.contract.tenant import Connection, Tenant


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give every contract its two halves; a contract that cites no source is none."""
    if "org" not in metafunc.fixturenames:
        return
    if metafunc.definition.get_closest_marker("fact") is None:
        msg = f"{metafunc.definition.nodeid} cites no fact"
        raise pytest.UsageError(msg)
    halves = [pytest.param("simulated"), pytest.param("real", marks=pytest.mark.real)]
    metafunc.parametrize("half", halves, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tell the report what each test is of."""
    for item in items:
        marker = item.get_closest_marker("fact")
        if marker is not None and isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            half = item.callspec.params["half"]
            test = item.nodeid.replace(f"[{half}]", "").replace(f"[{half}-", "[").replace(f"-{half}]", "]")
            about = {"test": test, "half": half, "source": marker.args[0], "tag": marker.args[1]}
            item.user_properties.append((CONTRACT, json.dumps(about)))


@pytest.fixture(scope="session")
def half(request: pytest.FixtureRequest) -> Iterator[Connection]:
    """The org of one half."""
    assert request.param in HALVES
    if request.param == "simulated":
        with simulated_org() as connection:
            yield connection
        return
    if not os.environ.get(NAME):
        pytest.skip(NO_ORG)
    try:
        with real_org(os.environ) as connection:
            yield connection
    except Unreachable as error:
        pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)


@pytest.fixture
def org(half: Connection, request: pytest.FixtureRequest) -> Iterator[Tenant]:
    """An org with a marker of the test's own; whatever carries it is deleted at the end, users are retired."""
    properties = request.node.user_properties

    def told(what: str, expected: object, got: object) -> None:
        answer = {"what": what, "expected": expected, "got": got}
        properties.append((ANSWER, json.dumps(answer, default=repr)))

    tag = request.node.get_closest_marker("fact").args[1]
    tenant = Tenant(half, tag != Tag.INFERRED, told)
    yield tenant
    left = list(tenant.sweep())
    properties.extend((LEFT, text) for text in left)
    assert tenant.is_real or not left
