"""What is kept from an earlier run is never wrong: any change of any file, default or program is seen."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.desired import cache_folder, load
from reconciler.desired.batch import Reading
from reconciler.desired.cache import Writing
from reconciler.errors import InvalidFiles
from reconciler.model import Declaration, State

FILES, DOCUMENTS = 8, 150


def document(number: int, title: str = "Buyer") -> str:
    return (
        f"user: user{number}@acme.example\naccount: Acme\ncontact:\n  LastName: Last{number}\n"
        f"profile: Plus\nfields:\n  Title: {title}\n"
    )


def write(project: Path, files: int = FILES, documents: int = DOCUMENTS) -> Path:
    """A project of some files in two folders."""
    for file in range(files):
        folder = project / "desired" / "users" / f"team{file % 2}"
        folder.mkdir(parents=True, exist_ok=True)
        numbers = range(file * documents, (file + 1) * documents)
        (folder / f"{file}.yaml").write_text("---\n".join(map(document, numbers)), encoding="utf-8")
    return project


def file_of(project: Path, number: int = 3) -> Path:
    return project / "desired" / "users" / f"team{number % 2}" / f"{number}.yaml"


def content(state: State) -> tuple[Mapping[str, Declaration], str | None]:
    return dict(state.declarations), state.digest


def kept(cache: Path) -> list[Path]:
    return sorted(cache.glob("*")) if cache.is_dir() else []


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    return write(tmp_path / "project")


@pytest.fixture(name="cache")
def _cache(tmp_path: Path, project: Path) -> Path:
    folder = tmp_path / "cache"
    load(project, folder)
    return folder


def test_a_second_run_reads_the_same_and_leaves_the_cache_as_it_is(project: Path, cache: Path) -> None:
    (file,) = kept(cache)
    before = (file.stat().st_mtime_ns, file.read_bytes())

    assert content(load(project, cache)) == content(load(project))
    assert (file.stat().st_mtime_ns, file.read_bytes()) == before
    assert file.stat().st_mode & 0o077 == 0


def retitled(project: Path) -> None:
    """An edit that leaves size and time of the file as they were."""
    path = file_of(project)
    about = path.stat()
    path.write_text(path.read_text().replace("Title: Buyer", "Title: Clerk", 1))
    os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))


def renamed(project: Path) -> None:
    file_of(project).rename(file_of(project).with_name("renamed.yaml"))


def removed(project: Path) -> None:
    file_of(project).unlink()


def added(project: Path) -> None:
    file_of(project).with_name("more.yaml").write_text(document(99_999))


def defaulted(project: Path) -> None:
    (project / "desired" / "defaults.yaml").write_text("active: true\n")


def defaulted_below(project: Path) -> None:
    (project / "desired" / "users" / "team1" / "defaults.yaml").write_text("fields: {Division: North}\n")


@pytest.mark.parametrize("changed", [retitled, renamed, removed, added, defaulted, defaulted_below])
def test_every_change_is_seen(project: Path, cache: Path, changed: Callable[[Path], None]) -> None:
    before = content(load(project, cache))
    changed(project)

    after = content(load(project, cache))
    assert after == content(load(project))
    assert after != before
    assert content(load(project, cache)) == after


def test_a_slip_is_found_each_time_and_its_mending_too(project: Path, cache: Path) -> None:
    path, good = file_of(project), file_of(project).read_text()
    for _ in range(2):
        path.write_text(good.replace("profile: Plus", "profil: Plus", 1))
        with pytest.raises(InvalidFiles) as caught:
            load(project, cache)
        assert [problem.code for problem in caught.value.problems] == ["SF007"]
    path.write_text(good)

    assert content(load(project, cache)) == content(load(project))


def test_a_user_that_another_file_declares_too_is_found_in_what_is_kept(project: Path, cache: Path) -> None:
    file_of(project, 7).with_name("z.yaml").write_text(document(1))

    for _ in range(2):
        with pytest.raises(InvalidFiles) as caught:
            load(project, cache)
        (problem,) = caught.value.problems
        assert (problem.code, str(problem.source)) == ("SF012", "desired/users/team1/z.yaml:1:7")


@given(cut=st.floats(0, 1), flips=st.lists(st.tuples(st.floats(0, 0.999), st.integers(1, 255)), max_size=3))
def test_a_torn_cache_is_no_cache(
    tmp_path_factory: pytest.TempPathFactory, cut: float, flips: list[tuple[float, int]]
) -> None:
    folder = tmp_path_factory.mktemp("torn")
    project, cache = write(folder / "project", files=7), folder / "cache"
    whole = content(load(project, cache))
    (file,) = kept(cache)
    torn = bytearray(file.read_bytes())
    del torn[int(cut * len(torn)) :]
    for place, mask in flips if torn else ():
        torn[int(place * len(torn))] ^= mask
    file.write_bytes(torn)

    assert content(load(project, cache)) == whole


def test_one_flipped_bit_in_what_is_kept_costs_one_reading(project: Path, cache: Path) -> None:
    (file,) = kept(cache)
    flipped = bytearray(file.read_bytes())
    flipped[len(flipped) // 3] ^= 1
    file.write_bytes(flipped)

    assert content(load(project, cache)) == content(load(project))


def test_a_cache_that_others_may_write_is_not_believed(project: Path, cache: Path) -> None:
    (file,) = kept(cache)
    file.chmod(0o666)

    assert content(load(project, cache)) == content(load(project))
    retitled(project)
    load(project, cache)
    assert file.stat().st_mode & 0o022 == 0


def test_another_program_s_file_is_replaced(project: Path, cache: Path) -> None:
    (file,) = kept(cache)
    file.write_bytes(b"something else")

    assert content(load(project, cache)) == content(load(project))
    assert file.read_bytes().startswith(b"sfrec declarations")


def test_two_projects_have_a_cache_each(tmp_path: Path, project: Path, cache: Path) -> None:
    load(write(tmp_path / "other"), cache)

    assert len(kept(cache)) == 2
    assert content(load(project, cache)) == content(load(project))


def test_a_small_project_is_not_worth_keeping(tmp_path: Path) -> None:
    load(write(tmp_path / "small", files=2), tmp_path / "cache")

    assert kept(tmp_path / "cache") == []


def test_a_folder_that_can_not_be_written_costs_only_the_cache(tmp_path: Path, project: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    assert content(load(project, tmp_path / "file" / "cache")) == content(load(project))


def test_no_half_of_a_cache_stays_behind_when_reading_ends(tmp_path: Path, project: Path) -> None:
    file_of(project).write_text("user: [")

    with pytest.raises(InvalidFiles):
        load(project, tmp_path / "cache")

    assert all(not path.name.startswith(".new-") for path in kept(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"SFREC_CACHE_DIR": "/c", "HOME": "/h"}, Path("/c")),
        ({"SFREC_CACHE_DIR": "", "HOME": "/h"}, None),
        ({"XDG_CACHE_HOME": "/x", "HOME": "/h"}, Path("/x/sfrec")),
        ({"HOME": "/h"}, Path("/h/.cache/sfrec")),
        ({"XDG_CACHE_HOME": "x", "HOME": "/h"}, Path("/h/.cache/sfrec")),
        ({}, None),
    ],
)
def test_the_cache_stands_outside_of_the_project(environ: dict[str, str], folder: Path | None) -> None:
    assert cache_folder(environ) == folder


def test_many_files_are_read_side_by_side_to_the_same_end(tmp_path: Path) -> None:
    project = write(tmp_path, files=20, documents=600)
    one_by_one = {
        key: (columns, line, values) for key, (columns, _, line, values) in load(project).declarations.items()
    }

    assert len(one_by_one) == 12_000
    assert one_by_one["user11999@acme.example"][2] == ("Acme", "Last11999", "Plus", "Buyer", "user11999@acme.example")
    file_of(project, 17).write_text(document(1) + "---\nuser: 1\n")
    with pytest.raises(InvalidFiles) as caught:
        load(project)
    found = [(problem.code, str(problem.source)) for problem in caught.value.problems]
    assert found == [("SF012", "desired/users/team1/17.yaml:1:7"), ("SF008", "desired/users/team1/17.yaml:9:7")]


def test_places_of_a_file_that_changed_meanwhile_are_those_of_the_document(tmp_path: Path) -> None:
    project = write(tmp_path, files=2)
    state = load(project)
    (first, second) = (
        next(r for address, r in state.resources.items() if address.key == f"user{number}@acme.example")
        for number in (0, DOCUMENTS)
    )
    file_of(project, 0).unlink()
    file_of(project, 1).write_text("user: [")

    assert [str(user.position("ProfileId")) for user in (first, second)] == [
        "desired/users/team0/0.yaml:1:1",
        "desired/users/team1/1.yaml:1:1",
    ]


def test_a_batch_that_can_not_be_read_again_is_a_finding(project: Path, cache: Path) -> None:
    file_of(project).unlink()
    file_of(project).mkdir()
    file_of(project).rmdir()
    file_of(project).write_bytes(b"user: caf\xe9\n")

    with pytest.raises(InvalidFiles) as caught:
        load(project, cache)
    assert [problem.code for problem in caught.value.problems] == ["SF002"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_costs_the_cache_not_the_run() -> None:
    with Path("/dev/full").open("wb", buffering=0) as full:
        writing = Writing(full)
        writing.add(Reading(b"x" * 32, b"rows", 1, 5_000))

        assert writing.finish() is False
