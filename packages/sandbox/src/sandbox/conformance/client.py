"""A workspace over HTTP, as a profile of the Databricks configuration logs in to it."""

import time
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

from sandbox.conformance.placing import Sent
from sandbox.errors import SandboxError

_PATIENCE = 5  # answers of 429 and 503 that are waited for
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Got:
    """An answer: its status, its error code if it is a refusal, and its body as JSON."""

    status: int
    code: str
    body: dict[str, Any]

    @property
    def accepted(self) -> bool:
        """Whether the request was done."""
        return self.status < 400

    def __str__(self) -> str:
        return "accepted" if self.accepted else f"{self.status} {self.code}".strip()


class Workspace(Protocol):
    """What answers requests."""

    def ask(self, sent: Sent) -> Got:
        """The answer to a request."""


class RealWorkspace:
    """A workspace behind a host; every request is one of `trials`, or makes or clears the scratch."""

    def __init__(self, *, host: str, profile: str) -> None:
        try:
            import requests
            from databricks.sdk.config import Config
        except ImportError:
            raise SandboxError(
                "conformance logs in by the Databricks SDK, which is not installed: "
                "pip install 'databricks-mlops-sandbox[conformance]'."
            ) from None
        try:
            self._config = Config(host=host, profile=profile)
        except ValueError as error:
            raise SandboxError(f"the profile {profile} does not log in to {host}: {error}") from None
        self._session = requests.Session()

    def ask(self, sent: Sent) -> Got:
        """The answer; what is too much at once is asked again."""
        import requests

        address = sent.path.format(**{name: quote(value, safe="") for name, value in sent.params.items()})
        for attempt in range(_PATIENCE + 1):
            try:
                answer = self._session.request(
                    sent.method,
                    f"{self._config.host}{address}",
                    params=dict(sent.query),
                    json=sent.body,
                    headers=self._config.authenticate(),
                    timeout=_SECONDS,
                )
            except requests.RequestException as error:
                raise SandboxError(f"{self._config.host} does not answer: {type(error).__name__}.") from None
            if answer.status_code not in (429, 503) or attempt == _PATIENCE:
                break
            time.sleep(float(answer.headers.get("Retry-After") or attempt + 1))
        return _read(answer.status_code, answer.content, answer)


def _read(status: int, content: bytes, answer: Any) -> Got:
    try:
        body = answer.json() if content else {}
    except ValueError:
        body = {}
    document = body if isinstance(body, dict) else {}
    return Got(status, str(document.get("error_code", "")) if status >= 400 else "", document)
