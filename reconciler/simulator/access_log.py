"""The access log: one JSON line a request. Tokens stand in headers and bodies, which are never logged."""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO


class AccessLog:
    """Appends to a file; a line is flushed before the next request is answered."""

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._file: IO[str] | None = path.open("a", encoding="utf-8") if path else None

    def add(self, entry: Mapping[str, object]) -> None:
        """Write one entry."""
        if self._file is None:
            return
        with self._lock:
            self._file.write(json.dumps(entry) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
