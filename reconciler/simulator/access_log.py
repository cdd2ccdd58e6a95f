"""The access log: one JSON line a request. Tokens stand in headers and bodies, which are never logged."""

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path


class AccessLog:
    """Appends to a file; the line of a request is in the file before its answer is sent."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._path = path
        if path:
            path.open("a", encoding="utf-8").close()

    def add(self, entry: Mapping[str, object]) -> None:
        """Write one entry; a log that is read or moved away meanwhile never holds half a line."""
        if self._path is None:
            return
        line = (json.dumps(entry) + "\n").encode()
        with self._lock:
            file = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            try:
                os.write(file, line)
            finally:
                os.close(file)
