"""Mails are counted, never sent: who would have got one, and why."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from reconciler.simulator import mails, open_org, seed_text
from reconciler.simulator.server import running_server
from reconciler.simulator.wire import issue_token
from tests.live.simulated import a_seed, user
from tests.served import sfrec

ENVELOPE = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="urn:partner.soap.sforce.com"><e:Header>'
    "<t:SessionHeader><t:sessionId>{token}</t:sessionId></t:SessionHeader>{header}</e:Header>"
    "<e:Body><t:create><t:sObjects>{fields}</t:sObjects></t:create></e:Body></e:Envelope>"
)
HEADER = (
    "<t:EmailHeader><t:triggerAutoResponseEmail>false</t:triggerAutoResponseEmail>"
    "<t:triggerOtherEmail>false</t:triggerOtherEmail><t:triggerUserEmail>{}</t:triggerUserEmail></t:EmailHeader>"
)
KEYS = {
    "TimeZoneSidKey": "Europe/Paris",
    "LocaleSidKey": "fr_FR",
    "EmailEncodingKey": "UTF-8",
    "LanguageLocaleKey": "fr",
    "Alias": "zoe",
}


class Site:
    """A served org with a live site whose members have the profile Acme Plus."""

    def __init__(self, folder: Path, **network: Any) -> None:
        seed = a_seed(User=[user("ann")], Contact=[])
        seed["Network"] = [{"Name": "Portal", "Status": "Live", **network}]
        seed["NetworkMemberGroup"] = [{"Network": "Portal", "Parent": "Acme Partner"}]
        self.org = open_org(folder / "org.db", seed)
        self.token = issue_token(self.org)
        self.url = ""
        self.http = requests.Session()

    def call(self, method: str, path: str, body: object = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.http.request(method, f"{self.url}/services/data/v66.0/{path}", json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def id_of(self, sobject: str, **fields: Any) -> str:
        (found,) = self.org.store.find(sobject, **fields)
        return str(found["Id"])

    def kinds(self, **chosen: str) -> list[str]:
        answer = self.http.get(f"{self.url}/__simulator__/mails", params=chosen)
        return [mail["kind"] for mail in answer.json()["mails"]]

    def upgrade(self) -> None:
        """Give Ann a contact and the profile of the site."""
        body = {"LastName": "James", "AccountId": self.id_of("Account", Name="Acme")}
        contact = self.call("POST", "sobjects/Contact", body)["id"]
        ann = self.id_of("User", Username="ann@acme.example")
        self.call("PATCH", f"sobjects/User/{ann}", {"ContactId": contact})
        self.call("PATCH", f"sobjects/User/{ann}", {"ProfileId": self.id_of("Profile", Name="Acme Partner")})


@pytest.fixture
def site(tmp_path: Path) -> Any:
    found = Site(tmp_path)
    with running_server(found.org) as running:
        found.url = running.url
        yield found


def test_who_becomes_a_member_of_a_live_site_is_welcomed_once(site: Site) -> None:
    site.upgrade()
    ann = site.id_of("User", Username="ann@acme.example")

    assert site.kinds() == ["site-welcome"]
    site.call("PATCH", f"sobjects/User/{ann}", {"Title": "Dr", "ProfileId": site.id_of("Profile", Name="Acme Partner")})
    assert site.kinds(user=ann, kind="site-welcome") == ["site-welcome"]
    assert site.kinds(kind="new-user") == []
    site.call("PATCH", f"sobjects/User/{ann}", {"IsActive": False})
    site.call("PATCH", f"sobjects/User/{ann}", {"IsActive": True})
    assert site.kinds(user=ann) == ["site-welcome", "site-welcome"]


@pytest.mark.parametrize("network", [{"Status": "UnderConstruction"}, {"OptionsSendWelcomeEmail": False}])
def test_a_site_that_is_not_live_or_sends_none_welcomes_nobody(tmp_path: Path, network: dict[str, Any]) -> None:
    site = Site(tmp_path, **network)
    with running_server(site.org) as running:
        site.url = running.url
        site.upgrade()

        assert site.kinds() == []


def test_what_is_rolled_back_sends_nothing(site: Site) -> None:
    body = {"LastName": "James", "AccountId": site.id_of("Account", Name="Acme")}
    contact = site.call("POST", "sobjects/Contact", body)["id"]
    ann = site.id_of("User", Username="ann@acme.example")
    site.call("PATCH", f"sobjects/User/{ann}", {"ContactId": contact})
    records = [
        {"attributes": {"type": "User"}, "id": ann, "ProfileId": site.id_of("Profile", Name="Acme Partner")},
        {"attributes": {"type": "User"}, "id": "005000000000000AAA", "Title": "Dr"},
    ]

    site.call("PATCH", "composite/sobjects", {"allOrNone": True, "records": records})

    assert site.kinds() == []


@pytest.mark.parametrize(
    ("header", "told"), [("", []), (HEADER.format("false"), []), (HEADER.format("true"), ["new-user"])]
)
def test_a_new_user_gets_a_mail_when_the_soap_header_says_so(site: Site, header: str, told: list[str]) -> None:
    profile = site.id_of("Profile", Name="System Administrator")
    values = {
        "Username": "zoe@acme.example",
        "LastName": "Zoe",
        "Email": "zoe@acme.example",
        "ProfileId": profile,
        **KEYS,
    }
    fields = "<t:type>User</t:type>" + "".join(f"<t:{name}>{value}</t:{name}>" for name, value in values.items())
    envelope = ENVELOPE.format(token=site.token, header=header, fields=fields)

    answer = site.http.post(f"{site.url}/services/Soap/u/66.0", envelope, headers={"SOAPAction": '""'})

    assert "<success>true</success>" in answer.text
    assert site.kinds() == told


@pytest.mark.parametrize("notify", ["true", "false"])
def test_a_new_user_gets_a_mail_when_the_options_of_apex_say_so(site: Site, notify: str) -> None:
    profile = site.id_of("Profile", Name="System Administrator")
    keys = ", ".join(f"{name} = '{value}'" for name, value in KEYS.items())
    code = (
        f"Database.DMLOptions o = new Database.DMLOptions(); o.EmailHeader.triggerUserEmail = {notify}; "
        f"User u = new User(Username = 'zoe@acme.example', LastName = 'Z', Email = 'zoe@acme.example', {keys}, "
        f"ProfileId = '{profile}'); Database.insert(u, o);"
    )

    told = site.call("GET", f"tooling/executeAnonymous?anonymousBody={quote(code)}")

    assert told["success"], told
    assert site.kinds() == (["new-user"] if notify == "true" else [])


def test_the_page_answers_get_from_this_machine_only(site: Site) -> None:
    url = f"{site.url}/__simulator__/mails"

    assert site.http.post(url).status_code == 405
    assert site.http.get(url, headers={"Origin": "https://elsewhere.example"}).status_code == 403


def test_mails_are_listed_and_do_not_stand_in_the_seed(site: Site, tmp_path: Path) -> None:
    site.upgrade()

    listed = sfrec(tmp_path, None, "simulate", "mails", "--state", str(tmp_path / "org.db"))

    assert listed.returncode == 0, listed.stderr
    assert "site-welcome  ann@acme.example" in listed.stdout
    assert len(mails(site.org.store)) == 1
    assert "site-welcome" not in seed_text(site.org)
