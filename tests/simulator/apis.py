"""One adapter per API: the same rows go in, and what was refused comes out, read from the API's own shape."""

import csv
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any
from xml.sax.saxutils import escape

from tests.simulator.wired import VERSION, Api

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """One refusal as a client sees it."""

    code: str
    message: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """Rows of a write; `sobject` is the object of rows that name none."""

    operation: str
    sobject: str
    rows: Sequence[Row]
    all_or_none: bool = False

    def typed(self) -> list[tuple[str, dict[str, Any]]]:
        """Each row's object and fields."""
        return [(str(row.get("type", self.sobject)), _without(row, "type")) for row in self.rows]


@dataclass(frozen=True)
class Told:
    """The answer: its HTTP status, and for each row all that it was refused for."""

    status: int
    rows: tuple[tuple[Seen, ...], ...]


Adapter = Callable[[Api, Asked], Told]


def _without(row: Row, *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def rest(api: Api, asked: Asked) -> Told:
    """One record by its own URI: `[{"errorCode", "message", "fields"}]`, the status tells what it is."""
    ((sobject, row),) = asked.typed()
    path, body = f"sobjects/{sobject}", _without(row, "Id")
    match asked.operation:
        case "insert":
            answer = api.post(path, body)
        case "update":
            answer = api.patch(f"{path}/{row['Id']}", body)
        case _:
            answer = api.call("DELETE", f"{path}/{row['Id']}")
    errors = answer.json() if answer.status_code >= 400 else []
    assert all(set(error) <= {"errorCode", "message", "fields"} for error in errors)
    seen = (Seen(error["errorCode"], error["message"], tuple(error.get("fields", ()))) for error in errors)
    return Told(answer.status_code, (tuple(seen),))


def collections(api: Api, asked: Asked) -> Told:
    """sObject Collections: 200 whatever happened, `{"success", "errors": [{"statusCode", "message", "fields"}]}`."""
    if asked.operation == "delete":
        ids = ",".join(str(row["Id"]) for _, row in asked.typed())
        path = f"composite/sobjects?ids={ids}&allOrNone={str(asked.all_or_none).lower()}"
        answer = api.call("DELETE", path)
    else:
        records = [{"attributes": {"type": sobject}, **row} for sobject, row in asked.typed()]
        method = "POST" if asked.operation == "insert" else "PATCH"
        answer = api.call(method, "composite/sobjects", json={"allOrNone": asked.all_or_none, "records": records})
    return Told(answer.status_code, tuple(_collected(result) for result in answer.json()))


def _collected(result: Mapping[str, Any]) -> tuple[Seen, ...]:
    assert result["success"] is not bool(result["errors"])
    assert all(set(error) == {"statusCode", "message", "fields"} for error in result["errors"])
    return tuple(Seen(error["statusCode"], error["message"], tuple(error["fields"])) for error in result["errors"])


def bulk(api: Api, asked: Asked) -> Told:
    """Bulk API 2.0: the job completes, and its failed rows bear `sf__Error`."""
    assert not asked.all_or_none
    sobject = asked.typed()[0][0]
    job = api.post("jobs/ingest", {"operation": asked.operation, "object": sobject}).json()["id"]
    header = list(dict.fromkeys(name for _, row in asked.typed() for name in row))
    sent = StringIO(newline="")
    writer = csv.writer(sent, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([[_cell(row, name) for name in header] for _, row in asked.typed()])
    api.call("PUT", f"jobs/ingest/{job}/batches", data=sent.getvalue().encode(), headers={"Content-Type": "text/csv"})
    api.patch(f"jobs/ingest/{job}", {"state": "UploadComplete"})
    answer = api.get(f"jobs/ingest/{job}")
    done = answer.json()
    failed = _csv(api, job, "failedResults")
    assert (done["state"], done["numberRecordsFailed"]) == ("JobComplete", len(failed))
    by_row = {tuple(row[name] for name in header): row["sf__Error"] for row in failed}
    texts = (by_row.get(tuple(_cell(row, name) for name in header), "") for _, row in asked.typed())
    return Told(answer.status_code, tuple(_errors_in(text) for text in texts))


def _csv(api: Api, job: str, name: str) -> list[dict[str, str]]:
    content = api.get(f"jobs/ingest/{job}/{name}").content.decode()
    return list(csv.DictReader(StringIO(content, newline="")))


def _cell(row: Row, name: str) -> str:
    if name not in row:
        return ""
    value = row[name]
    return "#N/A" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _errors_in(text: str) -> tuple[Seen, ...]:
    """`CODE:message:fields --`, once for each error; a message may hold colons, the fields are names."""
    found = re.findall(r"([A-Z_]+):(.*?):((?:\w+ ?)*) --", text, re.DOTALL)
    assert "".join(f"{code}:{message}:{fields} --" for code, message, fields in found) == text
    return tuple(Seen(code, message, tuple(fields.split())) for code, message, fields in found)


_ENVELOPE = """<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="urn:partner.soap.sforce.com"><soapenv:Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader><AllOrNoneHeader><allOrNone>{all_or_none}</allOrNone></AllOrNoneHeader></soapenv:Header><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"""  # noqa: E501 - one element after another, as clients send them
_CALLS = {"insert": "create", "update": "update", "delete": "delete"}


def soap(api: Api, asked: Asked) -> Told:
    """The Partner SOAP API: 200, a `result` for each row with its `errors`."""
    call = _CALLS[asked.operation]
    body = f"<{call}>{''.join(_element(call, sobject, row) for sobject, row in asked.typed())}</{call}>"
    token = str(api.http.headers["Authorization"]).removeprefix("Bearer ")
    text = _ENVELOPE.format(token=escape(token), all_or_none=str(asked.all_or_none).lower(), body=body)
    headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
    answer = api.call("POST", f"/services/Soap/u/{VERSION}", data=text.encode(), headers=headers)
    tree = ET.fromstring(answer.content)  # noqa: S314 - the answer of our own server
    results = [node for node in tree.iter() if _local(node) == "result"]
    return Told(answer.status_code, tuple(tuple(_soap_errors(result)) for result in results))


def _element(call: str, sobject: str, row: Row) -> str:
    if call == "delete":
        return f"<ids>{escape(str(row['Id']))}</ids>"
    empty = "".join(f"<fieldsToNull>{name}</fieldsToNull>" for name, value in row.items() if value is None)
    fields = "".join(f"<{name}>{escape(_cell(row, name))}</{name}>" for name, value in row.items() if value is not None)
    return f"<sObjects><type>{sobject}</type>{empty}{fields}</sObjects>"


def _local(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]


def _soap_errors(result: ET.Element) -> list[Seen]:
    found = []
    for errors in (node for node in result if _local(node) == "errors"):
        named: dict[str, list[str]] = {}
        for node in errors:
            named.setdefault(_local(node), []).append(node.text or "")
        fields = tuple(name for name in named.get("fields", ()) if name)
        found.append(Seen(named["statusCode"][0], named["message"][0], fields))
    success = next(node.text for node in result if _local(node) == "success")
    assert (success == "true") is not bool(found)
    return found


APIS: Mapping[str, Adapter] = {"rest": rest, "collections": collections, "bulk": bulk, "soap": soap}
