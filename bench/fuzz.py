"""Spoilt settings and bundles by the thousand: each is read or refused, quickly and without a traceback.

    python -m bench.fuzz mlops --count 50000
    python -m bench.fuzz bundle --count 50000 --seed 7
    python -m bench.fuzz bundle --case 4711          # one of them again, with its traceback

A case fails when anything but a fault or a diagnostic leaves the reader, when it takes more than two seconds of the
processor, or when the process grows by more than 500 MB. A worker that hangs is killed, and the case is named.
"""

import argparse
import contextlib
import io
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path

from bench.fuzz_inputs import MLOPS, dumped, sound_project, spoil_project, spoilt, write
from bundle.__main__ import main as print_bundle
from settings import load
from settings.faults import FaultsError

SEED = 12
SECONDS = 2.0
MEGABYTES = 500
_PROGRESS = 1000  # cases between two signs of life
_PATIENCE = 60.0  # seconds without a word after which a worker hangs; other programs may have the processor


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that was neither read nor refused: `kind` is what went wrong, `detail` where."""

    number: int
    kind: str
    detail: str


class _TooSlowError(BaseException):
    """Two seconds are over; no handler of the readers catches it."""


def mlops(rng: random.Random, folder: Path) -> None:
    """A spoilt mlops.yaml beside a sound bundle."""
    write(folder / "ml", sound_project())
    (folder / "mlops.yaml").write_bytes(spoilt(rng, MLOPS))
    environ = {"BUNDLE_VAR_name": "x"}
    if rng.random() < 0.2:
        environ["MLOPS_DEPLOYER"] = rng.choice(("jane@example.com", "@", "x" * 1000, "a@b\nc"))
    if rng.random() < 0.2:
        environ["MLOPS_NOW"] = rng.choice(
            ("2026-01-31T12:00:00+00:00", "x", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00+01:00")
        )
    if rng.random() < 0.2:
        environ["MLOPS_BRANCH"] = rng.choice(("main", "", "a b", "\udcff", "x" * 1000))
    if rng.random() < 0.1:
        environ["MLOPS_CONFIG"] = rng.choice(
            ("ml", "nowhere", "/dev/zero", "ml/databricks.yml", "a" * 300, "/proc/self/mem")
        )
    with contextlib.suppress(FaultsError):
        load(folder=folder, environ=environ)


def bundle(rng: random.Random, folder: Path) -> None:
    """A spoilt bundle, as the stacks and as the command read it: settings.load, and python -m bundle with resolve."""
    root = folder / "ml"
    root.mkdir()
    spoil_project(rng, root)
    (folder / "mlops.yaml").write_text(dumped(MLOPS), encoding="utf-8")
    environ = (
        {"BUNDLE_VAR_name": rng.choice(("x", "${var.catalog}", "\udcff", "x" * 5000))} if rng.random() < 0.1 else {}
    )
    with contextlib.suppress(FaultsError):
        str(load(folder=folder, environ=environ))
    target = rng.choice(("staging", "test", "prod", "", "nowhere"))
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()):
        print_bundle([str(root), "-t", target, "--user", "jane@example.com"])


KINDS: dict[str, Callable[[random.Random, Path], None]] = {"mlops": mlops, "bundle": bundle}


def run_case(kind: str, seed: int, number: int, *, loud: bool = False) -> Failure | None:
    """One case in a folder of its own."""
    rng = random.Random(f"{seed} {kind} {number}")
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        return _guarded(KINDS[kind], rng, Path(folder), number, loud=loud)


def _guarded(
    case: Callable[[random.Random, Path], None], rng: random.Random, folder: Path, number: int, *, loud: bool
) -> Failure | None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    signal.signal(signal.SIGVTALRM, _too_slow)
    signal.setitimer(signal.ITIMER_VIRTUAL, 2 * SECONDS)
    try:
        case(rng, folder)
    except (Exception, _TooSlowError, SystemExit) as error:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        if loud:
            traceback.print_exc()
        return Failure(number, type(error).__name__, _where(error))
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    seconds = time.process_time() - start
    if seconds > SECONDS:
        return Failure(number, "too slow", f"{seconds:.1f} s")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    return Failure(number, "too large", f"{grown:.0f} MB") if grown > MEGABYTES else None


def _too_slow(*_: object) -> None:
    raise _TooSlowError


def _where(error: BaseException) -> str:
    """The innermost line of ours, and what was said."""
    frames = traceback.extract_tb(error.__traceback__)
    root = Path(__file__).parent.parent
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(root) and ".venv" not in frame.filename]
    last = ours[-1] if ours else frames[-1]
    return f"{Path(last.filename).name}:{last.lineno} {last.name}: {str(error)[:100]!r}"


def _work(kind: str, seed: int, numbers: range, told: Connection) -> None:
    """Runs cases, telling which one begins and which one failed."""
    room = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 + (MEGABYTES + 1500) * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    for number in numbers:
        told.send(number)
        if failure := run_case(kind, seed, number):
            told.send(failure)
    told.send(None)


def run(kind: str, seed: int, count: int, workers: int) -> Iterator[Failure]:
    """All failures among so many cases."""
    context = multiprocessing.get_context("fork")
    waiting = [range(start, count, workers) for start in range(workers)]
    running: dict[Connection, tuple[multiprocessing.process.BaseProcess, range, int, float]] = {}
    while waiting or running:
        while waiting:
            numbers = waiting.pop()
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(kind, seed, numbers, theirs), daemon=True)
            process.start()
            theirs.close()
            running[ours] = process, numbers, numbers.start, time.monotonic()
        for speaking in wait(list(running), timeout=1):
            assert isinstance(speaking, Connection)
            worker, numbers, at, _ = running[speaking]
            try:
                word = speaking.recv()
            except EOFError:
                worker.join()
                yield Failure(at, "died", f"exit code {worker.exitcode}")
                del running[speaking]
                waiting += [range(at + numbers.step, numbers.stop, numbers.step)]
                continue
            if word is None:
                worker.join()
                del running[speaking]
            elif isinstance(word, Failure):
                yield word
            else:
                running[speaking] = worker, numbers, word, time.monotonic()
                if word and not word % _PROGRESS:
                    print(f"at case {word}", file=sys.stderr, flush=True)
        for silent, (worker, numbers, at, since) in list(running.items()):
            if time.monotonic() - since > _PATIENCE:
                worker.kill()
                worker.join()
                yield Failure(at, "hangs", f"no word for {_PATIENCE:.0f} s")
                del running[silent]
                waiting += [range(at + numbers.step, numbers.stop, numbers.step)]


def main() -> int:
    """Prints every way to fail with its number of cases; 1 when there is one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=50_000)
    parser.add_argument("--case", type=int, help="run only this one, and show its traceback")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="with --case: leave its files in this new folder")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    if options.case is not None:
        folder = options.keep or Path(tempfile.mkdtemp(prefix="fuzz-"))
        folder.mkdir(exist_ok=True)
        rng = random.Random(f"{options.seed} {options.kind} {options.case}")
        failure = _guarded(KINDS[options.kind], rng, folder, options.case, loud=True)
        print(failure or "read or refused")
        if not options.keep:
            shutil.rmtree(folder)
        return 1 if failure else 0
    start = time.monotonic()
    kinds: Counter[str] = Counter()
    for failure in run(options.kind, options.seed, options.count, options.workers):
        place = f"{failure.kind} {failure.detail.partition(': ')[0]}"
        if not kinds[place]:
            print(f"case {failure.number}: {failure.kind}: {failure.detail}", flush=True)
        kinds[place] += 1
    for place, times in kinds.most_common():
        print(f"{times:>6} x {place}")
    print(f"{options.count} of {options.kind}, seed {options.seed}: {sum(kinds.values())} failed", end=" ")
    print(f"({time.monotonic() - start:.0f} s with {options.workers} workers)")
    return 1 if kinds else 0


if __name__ == "__main__":
    sys.exit(main())
