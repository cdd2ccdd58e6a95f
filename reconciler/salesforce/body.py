"""Bodies of requests: compressed, except small ones.

Source: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/intro_rest_compression.htm (of the REST
API; that it holds for the uploads of Bulk API 2.0 jobs too is inferred, see IngestJob.is_not_unzipped).
"""

import json
import zlib
from collections.abc import Mapping
from typing import Any

SMALLEST_ZIPPED = 1024
"""Bytes; below that compression costs more than it saves."""


class Body:
    """A body that grows by pieces; of one that is compressed only its beginning is kept as it was."""

    def __init__(self, content_type: str, *, may_zip: bool = True) -> None:
        self.size = 0
        self._type = content_type
        self._may_zip = may_zip
        self._plain: list[bytes] = []
        self._zip = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
        self._zipped = bytearray()

    def add(self, piece: bytes) -> None:
        """Append a piece; `size` is the number of bytes so far, uncompressed."""
        self.size += len(piece)
        if self._may_zip:
            self._zipped += self._zip.compress(piece)
        if not self.is_zipped:
            self._plain.append(piece)

    @property
    def is_zipped(self) -> bool:
        """Whether it goes out compressed."""
        return self._may_zip and self.size >= SMALLEST_ZIPPED

    def options(self) -> Mapping[str, Any]:
        """The finished body as options of Session.send; nothing can be added after that."""
        headers = {"Content-Type": self._type}
        if not self.is_zipped:
            return {"data": b"".join(self._plain), "headers": headers}
        self._zipped += self._zip.flush()
        return {"data": bytes(self._zipped), "headers": {**headers, "Content-Encoding": "gzip"}}


def json_body(content: object) -> Mapping[str, Any]:
    """A JSON body as options of Session.send."""
    body = Body("application/json")
    body.add(json.dumps(content).encode())
    return body.options()
