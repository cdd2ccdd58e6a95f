"""A peer: octoDNS plans a zone of as many records, YAML to YAML, so without any network."""

import sys
from pathlib import Path

OCTODNS = Path(sys.executable).parent / "octodns-sync"
LARGEST = 100_000
"""Beyond this it takes too long; its time a record hardly depends on the size."""

MISSING = "octoDNS is not installed (make bench installs it when a package index can be reached): its case is skipped."

_CONFIG = """providers:
  desired: {class: octodns.provider.yaml.YamlProvider, directory: ./desired, enforce_order: false}
  live: {class: octodns.provider.yaml.YamlProvider, directory: ./live, enforce_order: false}
zones:
  fleet.example.: {sources: [desired], targets: [live]}
"""


def write_zone(records: int, work: Path) -> Path:
    """A folder with the same zone as source and as target: one-field records, in sync."""
    folder = work / "zones" / str(records)
    for side in ("desired", "live"):
        (folder / side).mkdir(parents=True, exist_ok=True)
        with (folder / side / "fleet.example.yaml").open("w", encoding="utf-8") as stream:
            stream.write("---\n")
            stream.writelines(_record(number) for number in range(records))
    (folder / "config.yaml").write_text(_CONFIG, encoding="utf-8")
    return folder


def command() -> list[str]:
    """A dry run: octoDNS changes nothing without --doit."""
    return [str(OCTODNS), "--config-file", "config.yaml"]


def _record(number: int) -> str:
    address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    return f"record{number:07}: {{ttl: 300, type: A, value: {address}}}\n"
