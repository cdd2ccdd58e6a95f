"""Seeds: an org as YAML, records keyed by object, references by the other record's natural key.

Dumping writes the same format, so that seed -> dump -> seed is a round trip.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from reconciler.simulator.declared import Declared
from reconciler.simulator.objects import SCHEMA
from reconciler.simulator.org import Clock, Org
from reconciler.simulator.seed.declarations import read_declared
from reconciler.simulator.seed.dump import dump_seed, seed_text
from reconciler.simulator.seed.fields import fields_text, read_fields, with_declared
from reconciler.simulator.seed.load import Loader, SeedError, load_settings, settings_text
from reconciler.simulator.store import Store

__all__ = ["SeedError", "demo_seed", "dump_seed", "open_org", "parse_seed", "seed_text"]


def _now() -> datetime:
    return datetime.now(UTC)


def open_org(path: str | Path, seed: Mapping[str, Any] | None = None, *, clock: Clock = _now) -> Org:
    """Open an org's file; a new one is loaded with the seed, or with the built-in demo org.

    Raises SeedError, and StoreError for a file that is no simulated org.
    """
    store = Store.open(path, SCHEMA)
    try:
        if store.meta_get("settings") is None:
            with store.transaction():
                _load(store, clock, demo_seed() if seed is None else seed)
        settings = load_settings(yaml.safe_load(store.meta_get("settings") or "{}"))
        schema = with_declared(SCHEMA, store.meta_get("fields"))
        store.adopt(schema)
        declared = Declared.kept(store.meta_get("declared") or "{}")
    except BaseException:
        store.close()
        raise
    return Org(store, schema, settings, clock, store.meta_get("org_id") or "", declared)


def demo_seed() -> Mapping[str, Any]:
    """The built-in demo org."""
    return parse_seed(files(__package__).joinpath("demo.yaml").read_text(encoding="utf-8"))


def parse_seed(text: str) -> Mapping[str, Any]:
    """A seed's YAML (or JSON) as plain values; raises SeedError."""
    try:
        # JSON is YAML too, and a hundred times faster to read as what it is.
        seed = json.loads(text) if text.startswith("{") else None
    except ValueError:
        seed = None
    try:
        seed = seed or yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders
    except yaml.YAMLError as error:
        raise SeedError([f"the seed is not YAML: {error}"]) from None
    if not isinstance(seed, Mapping):
        raise SeedError(["the seed must be a mapping of objects to lists of records"])
    return seed


def _load(store: Store, clock: Clock, seed: Mapping[str, Any]) -> None:
    settings = load_settings(seed.get("settings"))
    store.meta_set("settings", settings_text(settings))
    fields, findings = read_fields(Org(store, SCHEMA, settings, clock, ""), seed.get("fields"))
    store.meta_set("fields", fields_text(fields))
    schema = with_declared(SCHEMA, store.meta_get("fields"))
    store.adopt(schema)
    org = Org(store, schema, settings, clock, "")
    declared, wrong = read_declared(org, seed)
    store.meta_set("declared", declared.text())
    Loader(org, seed, [*findings, *wrong]).load()
