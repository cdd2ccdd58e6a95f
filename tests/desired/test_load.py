"""Files are read strictly: everything wrong is found in one run, with its place and a remedy."""

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import jsonschema
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.desired import load, load_settings, schema_text
from reconciler.desired.compose import documents
from reconciler.desired.finding import TITLES, finding
from reconciler.errors import InvalidFiles
from reconciler.model import Position, Problem, State
from tests.worlds import address

USER = "user: a@x.example\n"


def write(folder: Path, **files: str) -> Path:
    """Write files below desired/users; `__` in a name is a folder."""
    for name, content in files.items():
        path = folder / "desired" / "users" / f"{name.replace('__', '/')}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def problems(folder: Path) -> list[str]:
    with pytest.raises(InvalidFiles) as caught:
        load(folder)
    assert all(problem.remedy and problem.source for problem in caught.value.problems)
    return [f"{problem.code} {problem.source}" for problem in caught.value.problems]


def found(folder: Path, content: str) -> Problem:
    with pytest.raises(InvalidFiles) as caught:
        load(write(folder, a=content))
    assert len(caught.value.problems) == 1, caught.value.problems
    return caught.value.problems[0]


def fields(state: State, at: str) -> dict[str, object]:
    resource = state.get(address(at))
    assert resource is not None
    return dict(resource.fields)


def test_a_document_becomes_a_user_and_its_contact(tmp_path: Path) -> None:
    text = """\
# Sonia
user: Sonia.James@Acme.example
account: Acme
contact:
  FirstName: Sonia
  Title: null
  Department: ""
license: Customer Community Plus
profile: Plus
role: Manager
active: true
fields: {TimeZoneSidKey: Europe/Paris, Title: ""}
"""
    state = load(write(tmp_path, a=text))

    key = "sonia.james@acme.example"
    assert fields(state, f"user/{key}") == {
        "ContactId": address(f"contact/{key}"),
        "Profile.UserLicenseId": address("license/Customer Community Plus"),
        "ProfileId": address("profile/Plus"),
        "UserRoleId": address("role/Acme/Manager"),
        "IsActive": True,
        "TimeZoneSidKey": "Europe/Paris",
        "Title": None,
    }
    assert fields(state, f"contact/{key}") == {
        "AccountId": address("account/Acme"),
        "FirstName": "Sonia",
        "Title": None,
        "Department": None,
    }
    user = state.resources[address(f"user/{key}")]
    assert str(user.source) == "desired/users/a.yaml:2:1"
    assert str(user.position("ProfileId")) == "desired/users/a.yaml:9:10"
    assert str(user.position("Nothing")) == "desired/users/a.yaml:2:1"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("0123", "0123"),
        ("0o17", "0o17"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ("2026-01-01", "2026-01-01"),
        ("1.50", "1.50"),
        ("42", "42"),
        ('"true"', "true"),
        ("'null'", "null"),
        ("true", True),
        ("False", False),
        ("~", None),
        ("NULL", None),
        ("|-\n    a\n    b", "a\nb"),
    ],
)
def test_what_is_written_stays_what_was_written(tmp_path: Path, written: str, value: object) -> None:
    state = load(write(tmp_path, a=f"{USER}fields:\n  Title: {written}\n"))

    assert fields(state, "user/a@x.example") == {"Title": value}


@pytest.mark.parametrize(
    ("account", "key"),
    [
        ("Acme", "Acme"),
        ("{id: 001A0000006Vm9u}", "Id=001A0000006Vm9u"),
        ("{ERP_Key__c: A-17}", "ERP_Key__c=A-17"),
        ('"A=B"', "Name=A=B"),
        ('"Acme #2"', "Name=Acme #2"),
    ],
)
def test_accounts_are_named_in_three_ways(tmp_path: Path, account: str, key: str) -> None:
    state = load(write(tmp_path, a=f"{USER}account: {account}\ncontact: {{}}\nrole: User\n"))

    assert fields(state, "contact/a@x.example") == {"AccountId": address(f"account/{key}")}
    assert fields(state, "user/a@x.example")["UserRoleId"] == address(f"role/{key}/User")


def test_null_declares_that_something_is_empty(tmp_path: Path) -> None:
    state = load(
        write(tmp_path, a=f"{USER}contact: null\n", b="user: b@x.example\naccount: A\ncontact: {}\nrole: null\n")
    )

    assert fields(state, "user/a@x.example") == {"ContactId": None}
    assert fields(state, "user/b@x.example")["UserRoleId"] is None


def test_defaults_fill_what_is_left_out_and_keep_their_place(tmp_path: Path) -> None:
    write(
        tmp_path,
        defaults="license: L\nfields: {Title: Dr, City: Rome}\n",
        team__defaults="account: Acme\ncontact: {Title: Team}\nfields: {City: Oslo}\n",
        team__a=f"{USER}contact: {{LastName: A}}\nfields: {{Title: Prof}}\n",
        b="user: b@x.example\nlicense: M\n",
        team__deep__c="user: c@x.example\n",
    )

    state = load(tmp_path)

    assert fields(state, "user/a@x.example") == {
        "ContactId": address("contact/a@x.example"),
        "Profile.UserLicenseId": address("license/L"),
        "Title": "Prof",
        "City": "Oslo",
    }
    assert fields(state, "contact/a@x.example")["Title"] == "Team"
    assert fields(state, "user/b@x.example")["Profile.UserLicenseId"] == address("license/M")
    assert fields(state, "contact/c@x.example") == {"AccountId": address("account/Acme"), "Title": "Team"}
    user = state.resources[address("user/a@x.example")]
    assert str(user.position("City")) == "desired/users/team/defaults.yaml:3:16"
    assert str(user.position("Profile.UserLicenseId")) == "desired/users/defaults.yaml:1:10"


@pytest.mark.parametrize(
    ("content", "code", "place", "words"),
    [
        (f"{USER}user: b@x.example\n", "SF004", "2:1", "line 1"),
        (f"{USER}licence: x\n", "SF007", "2:1", 'did you mean "license"?'),
        (f"{USER}zzz: x\n", "SF007", "2:1", "choose one of: account, active"),
        (f"{USER}permission_sets: [x]\n", "SF007", "2:1", "not managed by this version"),
        (f"{USER}role: Boss\naccount: A\ncontact: {{}}\n", "SF008", "2:7", "User, Manager or Executive"),
        (f"{USER}active: maybe\n", "SF008", "2:9", "true or false"),
        (f"{USER}active: no\n", "SF008", "2:9", "true or false"),
        (f"{USER}license: [x]\n", "SF008", "2:10", "license is a list"),
        (f"{USER}license: {{a: b}}\n", "SF008", "2:10", "license is a mapping"),
        (f"{USER}license: true\n", "SF008", "2:10", "license is true"),
        (f"{USER}license: null\n", "SF008", "2:10", "license is null"),
        (f"{USER}license:\n", "SF008", "2:9", "the value is empty"),
        (f"{USER}fields: {{Title: [a]}}\n", "SF008", "2:17", "fields.Title is a list"),
        (f"{USER}fields: {{Bad.Name: a}}\n", "SF008", "2:10", "API name"),
        (f"{USER}account: A\ncontact: {{Title: {{a: b}}}}\n", "SF008", "3:18", "contact.Title is a mapping"),
        (f"{USER}account: A\ncontact: [a]\n", "SF008", "3:10", "contact is a list"),
        (f"{USER}fields: {{ProfileId: a}}\n", "SF013", "2:10", "use profile: instead"),
        (f"{USER}fields: {{isactive: true}}\n", "SF013", "2:10", "use active: instead"),
        (f"{USER}fields: {{UserType: a}}\n", "SF013", "2:10", "Salesforce derives User.UserType"),
        (f"{USER}fields: {{lastname: a}}\n", "SF008", "2:10", "is spelled LastName"),
        (f"{USER}fields: {{Email: nowhere}}\n", "SF008", "2:17", "no e-mail address"),
        (f"{USER}fields: {{Title: a, title: b}}\n", "SF004", "2:20", "the same field"),
        (f'{USER}fields: {{Title: "a\\x07b"}}\n', "SF014", "2:17", "U+0007"),
        (f"{USER}account: Acme\n", "SF009", "1:1", "contact: is missing beside account:"),
        (f"{USER}contact: {{}}\n", "SF009", "1:1", "account: is missing beside contact:"),
        (f"{USER}role: User\n", "SF009", "1:1", "account: is missing beside role:"),
        ("license: x\n", "SF009", "1:1", "user: is missing"),
        ("user: nobody\n", "SF008", "1:7", 'user is "nobody"'),
        (f"user: {'x' * 90}@x.example\n", "SF008", "1:7", "text of 100 characters"),
        (f"{USER}account: {{id: 003A0000006Vm9u}}\ncontact: {{}}\n", "SF008", "2:15", "no account id"),
        (f"{USER}account: {{Bad-Name: x}}\ncontact: {{}}\n", "SF008", "2:11", "no field name"),
        (f"{USER}account: {{a: x, b: y}}\ncontact: {{}}\n", "SF008", "2:10", "a mapping of one key"),
        ("- a\n- b\n", "SF008", "1:1", "a document is a mapping"),
        ("just text\n", "SF008", "1:1", "a document is a mapping"),
        (f"{USER}\tlicense: x\n", "SF003", "2:1", "never with tabs"),
        (f"{USER}license: [x\n", "SF003", "3:1", "indentation and quotes"),
        (f"{USER}license: *nothing\n", "SF005", "2:10", "has no anchor"),
        (f"{USER}license: !!str x\n", "SF005", "2:10", "the tag"),
        (f"{USER}<<: {{a: b}}\n", "SF005", "2:1", "merge keys"),
        (f"{USER}? [a]\n: b\n", "SF005", "2:3", "a key must be plain text"),
        (f"{USER}license: {'[' * 12}{']' * 12}\n", "SF005", "2:20", "nested more than 10 deep"),
        (f"{USER}license: [{','.join('x' * 10_001)}]\n", "SF005", None, "more than 10000 nodes"),
        ("", "SF011", "1:1", "no document"),
        ("# only a comment\n", "SF011", "1:1", "no document"),
    ],
)
def test_each_slip_is_found_at_its_place(
    tmp_path: Path, content: str, code: str, place: str | None, words: str
) -> None:
    problem = found(tmp_path, content)

    assert problem.code == code
    assert words in f"{problem.message}; {problem.remedy}"
    assert place is None or str(problem.source) == f"desired/users/a.yaml:{place}"


def test_aliases_may_repeat_values_but_not_explode(tmp_path: Path) -> None:
    fine = "user: a@x.example\nlicense: &l Plus\nprofile: *l\n"
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [{','.join(f'*{a}' for _ in range(9))}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )

    assert fields(load(write(tmp_path / "fine", a=fine)), "user/a@x.example")["ProfileId"] == address("profile/Plus")
    assert problems(write(tmp_path / "bomb", a=bomb)) == ["SF005 desired/users/a.yaml:5:11"]


def test_a_user_declared_twice_is_found_with_both_places(tmp_path: Path) -> None:
    write(tmp_path, a=USER, b=f"user: c@x.example\n---\n{USER.upper().replace('USER', 'user')}")

    with pytest.raises(InvalidFiles) as caught:
        load(tmp_path)

    problem = caught.value.problems[0]
    assert (problem.code, str(problem.source)) == ("SF012", "desired/users/b.yaml:3:7")
    assert "first at desired/users/a.yaml:1:1" in problem.message


def test_files_that_are_no_documents_are_found(tmp_path: Path) -> None:
    write(tmp_path, a=USER)
    desired = tmp_path / "desired"
    (desired / "notes.txt").write_text("x")
    (desired / "accounts").mkdir()
    (desired / "accounts" / "acme.yaml").write_text("account: Acme\n")
    (desired / "users" / "link.yaml").symlink_to(desired / "users" / "a.yaml")
    (desired / "users" / ".hidden").write_text("x")
    (desired / "users" / "folder.yaml").mkdir()
    (desired / "defaults.yaml").write_text("license: L\n---\nlicense: M\n")

    assert problems(tmp_path) == [
        "SF010 desired/accounts/acme.yaml:1:1",
        "SF010 desired/defaults.yaml:3:1",
        "SF010 desired/notes.txt:1:1",
        "SF010 desired/users/link.yaml:1:1",
    ]


def test_bytes_that_are_no_text_are_found(tmp_path: Path) -> None:
    users = tmp_path / "desired" / "users"
    users.mkdir(parents=True)
    (users / "bad.yaml").write_bytes(b"user: a@x.example\nlicense: caf\xe9\n")
    (users / "bom.yaml").write_bytes(b"\xef\xbb\xbfuser: b@x.example\n")
    (users / "long.yaml").write_bytes(b"user: c@x.example\nlicense: " + b"x" * 2_000_000)
    (users / "wide.yaml").write_bytes(b"user: d@x.example\n" + b"# comment\n" * 200_000)
    with (users / "huge.yaml").open("wb") as huge:
        huge.truncate(65 * 1024 * 1024)

    assert problems(tmp_path) == [
        "SF002 desired/users/bad.yaml:2:13",
        "SF006 desired/users/huge.yaml:1:1",
        "SF006 desired/users/long.yaml:2:1",
    ]


def test_defaults_are_checked_like_documents(tmp_path: Path) -> None:
    write(tmp_path, a=USER, defaults="licence: L\nuser: x@x.example\n")

    assert problems(tmp_path) == ["SF007 desired/users/defaults.yaml:1:1", "SF007 desired/users/defaults.yaml:2:1"]


def test_defaults_that_are_no_mapping_are_found(tmp_path: Path) -> None:
    write(tmp_path, a=USER, defaults="- x\n")

    assert problems(tmp_path) == ["SF008 desired/users/defaults.yaml:1:1"]


def test_no_document_at_all_is_found(tmp_path: Path) -> None:
    assert problems(tmp_path) == ["SF011 desired/users:1:1"]


_DOCUMENTS = [
    "user: a@x.example\nlicense: L\nprofile: P\nfields: {Title: T, City: C}\n",
    "account: A\nuser: b@x.example\ncontact: {LastName: B, Title: X}\nrole: User\n",
    "user: c@x.example\nactive: false\n",
]


@given(st.randoms(use_true_random=False))
def test_the_order_of_files_and_keys_changes_no_field(tmp_path_factory: pytest.TempPathFactory, random: Random) -> None:
    folder = tmp_path_factory.mktemp("order")
    names = random.sample("abc", 3)
    shuffled = ["\n".join(random.sample(text.splitlines(), len(text.splitlines()))) + "\n" for text in _DOCUMENTS]
    write(folder / "plain", **dict(zip("abc", _DOCUMENTS, strict=True)))
    write(folder / "mixed", **dict(zip(names, shuffled, strict=True)))

    plain, mixed = load(folder / "plain"), load(folder / "mixed")

    assert {a: r.fields for a, r in plain.resources.items()} == {a: r.fields for a, r in mixed.resources.items()}


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_end_in_a_traceback(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    users = tmp_path_factory.mktemp("bytes") / "desired" / "users"
    users.mkdir(parents=True)
    (users / "a.yaml").write_bytes(content)

    with pytest.raises(InvalidFiles) as caught:
        load(users.parents[1])

    assert all(problem.source for problem in caught.value.problems)


@given(st.text(alphabet="ab:-[]{}&*!#|>'\"%@ \n?,", max_size=60))
def test_no_yaml_like_text_ends_in_a_traceback(text: str) -> None:
    for item in documents(text, "a.yaml"):
        assert item is not None


def test_a_code_is_known_before_it_is_used() -> None:
    with pytest.raises(KeyError):
        finding("SF999", Position("a", 1, 1), "x", "y")
    assert len(TITLES) == len(set(TITLES.values()))


def test_every_property_of_every_schema_is_described() -> None:
    def undescribed(node: object, path: str) -> list[str]:
        if not isinstance(node, dict):
            return []
        inner = [bad for name, child in node.items() for bad in undescribed(child, f"{path}/{name}")]
        named = node.get("properties")
        return inner + [
            f"{path}/{n}" for n, child in (named or {}).items() if path.count("if") == 0 and "description" not in child
        ]

    for name in ("user", "defaults", "sfrec", "plan", "apply", "problems"):
        assert undescribed(json.loads(schema_text(f"{name}.schema.json")), name) == []


def test_settings_are_read_as_strictly(tmp_path: Path) -> None:
    path = tmp_path / "sfrec.yaml"
    assert load_settings(tmp_path) == {}
    path.write_text("default_org: uat\norgs: {uat: {instance_url: https://uat.my.salesforce.com}}\n")
    assert load_settings(tmp_path)["default_org"] == "uat"

    for content, code in [
        ("orgs: {uat: {}}\n", "SF009"),
        ("org: x\n", "SF007"),
        ("", "SF011"),
        ("default_org: a\n---\ndefault_org: b\n", "SF010"),
        ("orgs: {uat: {instance_url: ftp://x}}\n", "SF008"),
        ("a: [\n", "SF003"),
        ("a: \udcff", "SF002"),
    ]:
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
        with pytest.raises(InvalidFiles) as caught:
            load_settings(tmp_path)
        assert caught.value.problems[0].code == code


def test_a_pipe_is_found_and_never_waited_for(tmp_path: Path) -> None:
    write(tmp_path, a=USER)
    os.mkfifo(tmp_path / "desired" / "users" / "pipe.yaml")

    assert problems(tmp_path) == ["SF010 desired/users/pipe.yaml:1:1"]


def test_aliases_of_long_text_count_as_long_text(tmp_path: Path) -> None:
    aliases = ", ".join(["*a"] * 4_900)

    problem = found(tmp_path, f'{USER}license: &a "{"x" * 900_000}"\nfields: {{Title: [{aliases}]}}\n')

    assert problem.code == "SF005"


@contextmanager
def without_privileges() -> Iterator[None]:
    """Root may list any folder: become nobody for a while."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_folder_that_can_not_be_listed_is_found() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = write(Path(name), a=USER, hidden__b="user: b@x.example\n")
        folder.chmod(0o755)
        assert len(load(folder).resources) == 2
        hidden = folder / "desired" / "users" / "hidden"
        hidden.chmod(0)

        with without_privileges():
            found_places = problems(folder)
        hidden.chmod(0o755)

    assert found_places == ["SF001 desired/users/hidden:1:1"]


def test_one_slip_hides_no_other_in_the_same_document(tmp_path: Path) -> None:
    text = """\
user: a@x.example
licence: L
profile: P
profile: Q
active: maybe
account: A
fields: {ProfileId: x, Title: [y]}
"""
    write(tmp_path, a=text)

    assert problems(tmp_path) == [
        "SF009 desired/users/a.yaml:1:1",
        "SF007 desired/users/a.yaml:2:1",
        "SF004 desired/users/a.yaml:4:1",
        "SF008 desired/users/a.yaml:5:9",
        "SF013 desired/users/a.yaml:7:10",
        "SF008 desired/users/a.yaml:7:31",
    ]


def test_every_document_of_the_demo_team_keeps_to_the_schema_as_it_is_written() -> None:
    root = Path(__file__).parents[2] / "desired"
    schema = json.loads(schema_text("user.schema.json"))

    for path in root.glob("users/**/*.yaml"):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if path.name != "defaults.yaml":
                jsonschema.validate(document, schema)


def test_a_role_needs_a_contact(tmp_path: Path) -> None:
    problem = found(tmp_path, f"{USER}account: A\ncontact: null\nrole: User\n")

    assert (problem.code, str(problem.source)) == ("SF009", "desired/users/a.yaml:4:7")


def test_broken_defaults_do_not_make_documents_look_incomplete(tmp_path: Path) -> None:
    write(tmp_path, team__defaults="account: A\nlicence: L\n", team__a=f"{USER}contact: {{}}\n")

    assert problems(tmp_path) == ["SF007 desired/users/team/defaults.yaml:2:1"]


def test_a_default_that_is_a_mapping_keeps_the_places_of_its_fields(tmp_path: Path) -> None:
    defaults = "account: {ERP__c: A-17}\ncontact:\n  Title: Buyer\nfields:\n  Division: North\n"
    folder = write(tmp_path, a=f"{USER}contact:\n  LastName: Lee\n", b="user: b@x.example\n", defaults=defaults)
    state = load(folder)

    places = {
        at: {name: str(resource.position(name)) for name in (*resource.positions, "Nothing")}
        for at in ("contact/a@x.example", "user/b@x.example")
        if (resource := state.get(address(at))) is not None
    }
    assert places["contact/a@x.example"] == {
        "AccountId": "desired/users/defaults.yaml:1:10",
        "LastName": "desired/users/a.yaml:3:13",
        "Title": "desired/users/defaults.yaml:3:10",
        "Nothing": "desired/users/a.yaml:1:1",
    }
    assert places["user/b@x.example"]["Division"] == "desired/users/defaults.yaml:5:13"
    assert len(state.resources[address("user/b@x.example")].positions) == 3


def test_defaults_that_can_not_be_read_are_found_and_make_nothing_else_look_wrong(tmp_path: Path) -> None:
    folder = write(tmp_path, a=f"{USER}contact: {{}}\n")
    (folder / "desired" / "users" / "defaults.yaml").write_bytes(b"account: caf\xe9\n")

    assert problems(folder)[0] == "SF002 desired/users/defaults.yaml:1:13"


@pytest.mark.parametrize(
    "text",
    [
        "user: a@x.example\nfields:\n" + "".join(f"  F{number}: x\n" for number in range(6_000)),
        "user: a@x.example\nfields: {A: &a [" + "x, " * 4_000 + "], B: *a, C: *a}\n",
    ],
)
def test_a_document_of_too_many_nodes_is_refused_however_it_came_to_them(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text).code == "SF005"


def test_a_deeply_nested_folder_is_read_like_any_other(tmp_path: Path) -> None:
    folder = tmp_path / "desired" / "users"
    for _ in range(400):
        folder /= "d"
    folder.mkdir(parents=True)
    (folder / "a.yaml").write_text(USER)

    assert [str(at) for at in load(tmp_path).resources] == ["user/a@x.example"]


def test_a_state_knows_only_what_is_declared(tmp_path: Path) -> None:
    state = load(write(tmp_path, a=USER, b="user: b@x.example\naccount: A=B\ncontact: {}\n"))

    assert sorted(map(str, state.resources)) == ["contact/b@x.example", "user/a@x.example", "user/b@x.example"]
    assert len(state.resources) == 3
    assert state.get(address("contact/a@x.example")) is None
    assert state.get(address("account/A")) is None
    assert fields(state, "contact/b@x.example")["AccountId"] == address("account/Name=A=B")
