"""The audit log: one entry per request, with what may be known of it later and nothing that opens anything."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from safe_text.media import json_document, line
from sandbox.store import Store


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. `path` has no query: some APIs accept a secret there. `changed` tells whether state was written."""

    at: str
    method: str
    host: str
    path: str
    status: int
    principal: str
    milliseconds: float
    changed: bool = False
    stack: str = ""  # whose Terraform sent it, where one did
    note: str = ""
    n: int = 0  # its number, once it is in the log

    def line(self) -> str:
        """The entry as `python -m sandbox log` prints it."""
        time = datetime.fromisoformat(self.at).strftime("%H:%M:%S.%f")[:-3]
        text = (
            f"{self.n:5} {time} {self.status} {self.milliseconds:7.1f} ms  {self.method:7}"
            f" https://{self.host}{self.path}  [{self.principal}{', ' + self.stack if self.stack else ''}]"
        )
        return line(f"{text}  {self.note}" if self.note else text)

    def json(self) -> str:
        """The entry for programs."""
        return json_document(json.dumps(asdict(self)))


def record(store: Store, entry: Entry) -> None:
    """Append an entry; its number is the log's to give."""
    store.record({key: value for key, value in asdict(entry).items() if key != "n"})


def entries(store: Store, *, after: int = 0) -> list[Entry]:
    """The log from entry `after` + 1 on, oldest first."""
    return [_entry(row) for row in store.audit(after=after)]


def _entry(row: dict[str, Any]) -> Entry:
    return Entry(**{**row, "changed": bool(row["changed"])})
