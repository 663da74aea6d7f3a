"""The control channel of a running server: who holds it open, its clock, its weather. Loopback, with a key.

One JSON object per line, {"key": ..., "command": ..., ...}; one line back, {"ok": ...} or {"error": ...}. A connection
that has sent `hold` keeps the server alive until it closes, however its process ends.
"""

import asyncio
import hmac
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from sandbox.dispatch import Dispatcher
from sandbox.fork_server import ForkServer
from sandbox.namespaces import Namespaces
from sandbox.weather import Kind, Lightning, Moment, Schedule


class Control:
    """Answers commands. The server stops when the last holder leaves, unless it was told to stay."""

    def __init__(
        self,
        *,
        key: str,
        dispatcher: Dispatcher,
        namespaces: Namespaces | str,
        fork_server: ForkServer,
        saved: Path,
        stop: Callable[[], None],
        stays: bool,
    ) -> None:
        self._key = key
        self._dispatcher = dispatcher
        self._namespaces = namespaces
        self._fork_server = fork_server
        self._saved = saved
        self._stop = stop
        self._stays = stays
        self._stopping = False
        self._holders: set[asyncio.StreamWriter] = set()
        self._commands: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
            "stay": self._stay,
            "stop": self._end,
            "status": self._status,
            "fork_server": lambda _: self._fork_server.address,
            "namespaces": self._confinement,
            "clock": self._clock,
            "delay": self._delay,
            "latency": self._latency,
            "weather": self._weather,
            "lightning": self._lightning,
            "save": self._save,
            "restore": self._restore,
        }

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, until it leaves."""
        try:
            while line := await reader.readline():
                writer.write(json.dumps(self._answer(line, writer)).encode() + b"\n")
                await writer.drain()
        except (OSError, ValueError, asyncio.CancelledError):
            pass  # gone, not speaking our language, or the loop is ending: asyncio's streams would report it as a fault
        finally:
            held = writer in self._holders
            self._holders.discard(writer)
            writer.close()
            if held:
                self.stop_if_idle()

    def stop_if_idle(self) -> None:
        """Stop when nobody holds the server open and it was not told to stay."""
        if not self._holders and not self._stays:
            self._end({})

    def _answer(self, line: bytes, writer: asyncio.StreamWriter) -> dict[str, Any]:
        message = json.loads(line)
        if not hmac.compare_digest(str(message.get("key", "")), self._key):
            return {"error": "wrong key"}
        if self._stopping:
            return {"error": "stopping"}
        if message["command"] == "hold":
            self._holders.add(writer)
            return {"ok": True}
        try:
            return {"ok": self._commands[message["command"]](message)}
        except (KeyError, TypeError, ValueError) as error:
            return {"error": f"{type(error).__name__}: {error}"}

    def _stay(self, _: Mapping[str, Any]) -> bool:
        self._stays = True
        return True

    def _end(self, _: Mapping[str, Any]) -> bool:
        self._stopping = True
        self._stop()
        return True

    def _status(self, _: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "holders": len(self._holders),
            "stays": self._stays,
            "armed": self._dispatcher.weather.armed,
            "weather": self._sky(),
            "principal_delay_seconds": self._dispatcher.world.principal_delay_seconds,
        }

    def _confinement(self, _: Mapping[str, Any]) -> dict[str, int] | str:
        """The namespaces that CMD enters, as descriptors of this process; else why there are none."""
        return self._namespaces if isinstance(self._namespaces, str) else asdict(self._namespaces)

    def _clock(self, message: Mapping[str, Any]) -> str:
        self._dispatcher.clock.offset = timedelta(seconds=float(message["offset_seconds"]))
        return self._dispatcher.clock.now().isoformat()

    def _delay(self, message: Mapping[str, Any]) -> float:
        return self._dispatcher.delay_principals(float(message["seconds"]))

    def _latency(self, message: Mapping[str, Any]) -> float:
        self._dispatcher.weather.latency_seconds = float(message["seconds"])
        return self._dispatcher.weather.latency_seconds

    def _weather(self, message: Mapping[str, Any]) -> str | None:
        """{"seed": 7, "share": 0.05, "kinds": ["429", "reset-after"]}; "share": 0 clears the sky."""
        share = float(message["share"])
        if not 0 <= share <= 1:
            raise ValueError("share must be between 0 and 1")
        kinds = tuple(map(Kind, message.get("kinds") or (kind.value for kind in Kind)))
        schedule = Schedule(seed=int(message.get("seed", 0)), share=share, kinds=kinds)
        self._dispatcher.weather.change(schedule if share else None)
        return self._sky()

    def _sky(self) -> str | None:
        schedule = self._dispatcher.weather.schedule
        return None if schedule is None else str(schedule)

    def _lightning(self, message: Mapping[str, Any]) -> bool:
        """{"request": 3, "moment": "before" or "after", "pid": 4711, "group": true}; "request": 0 calls it off."""
        number = int(message["request"])
        strike = Lightning(
            request=number,
            moment=Moment(message.get("moment", "before")),
            pid=int(message.get("pid", 0)),
            group=bool(message.get("group", False)),
        )
        if number and strike.pid <= 1:
            raise ValueError("pid must name a process or a group")
        self._dispatcher.weather.arm(strike if number else None)
        return self._dispatcher.weather.armed

    def _save(self, _: Mapping[str, Any]) -> bool:
        os.close(os.open(self._saved, os.O_RDWR | os.O_CREAT, 0o600))
        self._dispatcher.store.save(self._saved)
        return True

    def _restore(self, _: Mapping[str, Any]) -> bool:
        if not self._saved.exists():
            raise ValueError("nothing was saved")
        self._dispatcher.store.restore(self._saved)
        return True
