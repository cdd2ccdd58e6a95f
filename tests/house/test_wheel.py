"""What `pip install .` ships."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_a_wheel_carries_every_file_of_the_package_and_the_schemas(tmp_path: Path) -> None:
    files = [file for file in (ROOT / "reconciler").rglob("*") if file.is_file() and file.parent.name != "__pycache__"]
    sources = {file.relative_to(ROOT).as_posix() for file in files}
    schemas = {f"reconciler/schemas/{file.name}" for file in (ROOT / "schemas").glob("*.json")}

    build = "from hatchling.build import build_wheel; import sys; print(build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", build, tmp_path], cwd=ROOT, check=True, capture_output=True, text=True
    )
    with zipfile.ZipFile(tmp_path / built.stdout.splitlines()[-1]) as wheel:
        shipped = set(wheel.namelist())

    assert schemas
    assert sources | schemas <= shipped
    assert not {name for name in shipped if name.startswith(("tests/", "schemas/", "desired/"))}
