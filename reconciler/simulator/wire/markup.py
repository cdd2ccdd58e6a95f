"""XML in and out. What comes in is hostile: no DTD, no entities of its own, bounded depth."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

DEEPEST = 64
_SEPARATOR = " "
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"

Attributes = Mapping[str, str]


class BadMarkup(Exception):
    """A text that is no XML, or XML that nobody should parse."""


@dataclass(slots=True)
class Element:
    """An element by its local name: clients disagree about namespaces. `kind` is the local part of its `xsi:type`."""

    name: str
    kind: str | None = None
    is_nil: bool = False
    text: str = ""
    children: "list[Element]" = field(default_factory=list)

    def all(self, name: str) -> "Iterator[Element]":
        """The children of that name."""
        return (child for child in self.children if child.name == name)

    def child(self, name: str) -> "Element | None":
        """The first child of that name."""
        return next(self.all(name), None)

    def value(self, name: str) -> str:
        """The text of the first child of that name, without blanks around it; empty when there is none."""
        found = self.child(name)
        return found.text.strip() if found else ""

    def flag(self, name: str) -> bool:
        """Whether a child of that name says true."""
        return self.value(name).lower() in {"true", "1"}


class _Reader:
    """Collects the elements that the parser meets."""

    def __init__(self) -> None:
        self.open = [Element("")]
        self.texts: list[list[str]] = [[]]

    def start(self, name: str, attributes: Attributes) -> None:
        if len(self.open) > DEEPEST:
            raise BadMarkup(f"elements are nested deeper than {DEEPEST}")
        kind = attributes.get(f"{_SCHEMA}{_SEPARATOR}type")
        is_nil = attributes.get(f"{_SCHEMA}{_SEPARATOR}nil", "").lower() in {"true", "1"}
        element = Element(_local(name), kind.rpartition(":")[2] if kind else None, is_nil)
        self.open[-1].children.append(element)
        self.open.append(element)
        self.texts.append([])

    def data(self, text: str) -> None:
        self.texts[-1].append(text)

    def end(self, _: str) -> None:
        self.open.pop().text = "".join(self.texts.pop())


def _local(name: str) -> str:
    return name.rpartition(_SEPARATOR)[2]


def _refuse_dtd(*_: object) -> None:
    msg = "a document type is not permitted"
    raise BadMarkup(msg)


def parsed(content: bytes) -> Element:
    """The root element of a document; raises BadMarkup."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.data
    parser.StartDoctypeDeclHandler = _refuse_dtd
    try:
        parser.Parse(content, True)  # noqa: FBT003 - expat takes no keywords
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise BadMarkup(str(error)) from None
    return reader.open[0].children[0]


def tag(name: str, content: str = "", **attributes: str) -> str:
    """An element around markup; `xsi_type` stands for `xsi:type`."""
    written = "".join(f" {key.replace('_', ':')}={quoteattr(_speakable(value))}" for key, value in attributes.items())
    return f"<{name}{written}>{content}</{name}>" if content else f"<{name}{written}/>"


def leaf(name: str, value: object, **attributes: str) -> str:
    """An element with a value; None is nil."""
    if value is None:
        return tag(name, xsi_nil="true")
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return tag(name, escape(_speakable(text), {"\r": "&#13;"}), **attributes)


def _speakable(text: str) -> str:
    """The text without characters that XML can't hold."""
    return _NO_XML.sub("\ufffd", text)
