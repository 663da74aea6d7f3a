"""Which acts are possible now and which are done: by name, or by a seed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from safe_text.media import line
from sandbox.errors import SandboxError
from sandbox.tampering.acts import Act
from sandbox.tampering.console import Console, ImpossibleError
from sandbox.tampering.managed import Managed
from sandbox.tampering.unchangeable import UNCHANGEABLE
from sandbox.tampering.vocabulary import ACTS

_SHOWN = "`python -m sandbox tamper --list` shows what is possible"


@dataclass(frozen=True, slots=True)
class Choice:
    """An act and the object that it is done to."""

    act: Act
    one: Managed

    def line(self) -> str:
        """What a user is told; `--stack` and `--on` repeat it."""
        return line(f"{self.act.name}: {self.act.sentence(self.one)} ({self.one.stack}: {self.one.address})")


class _TakenBackError(Exception):
    """Ends a trial."""


def among(objects: Sequence[Managed], *, stack: str | None, address: str | None) -> list[Managed]:
    """The objects that a user limits the acts to; SandboxError when there is none."""
    if not objects:
        raise SandboxError(
            "Nothing is deployed in this sandbox: `python -m sandbox run -- cdktf deploy ...` comes first."
        )
    stacks = sorted({one.stack for one in objects})
    if stack is not None and stack not in stacks:
        raise SandboxError(f"There is no stack {stack} here; there is {', '.join(stacks)}.")
    found = [one for one in objects if stack in (None, one.stack) and address in (None, one.address)]
    if not found:
        raise SandboxError(f"No stack has an object {address}: {_SHOWN}, with the addresses.")
    return found


def possible(console: Console, objects: Sequence[Managed]) -> Iterator[tuple[Choice, int]]:
    """Every act that is possible now with its first object, and how many more objects are of its kind.

    Each is tried and taken back, which leaves no trace.
    """
    for act in ACTS.values():
        candidates = _candidates(act, objects)
        for one in candidates:
            if _is_possible(console, Choice(act, one)):
                yield Choice(act, one), len(candidates) - 1
                break


def do_named(console: Console, objects: Sequence[Managed], names: Sequence[str]) -> list[Choice]:
    """Do the acts of these names, all or none, each to the first object that it is possible with."""
    with console.store.transaction():
        return [_do_first(console, objects, _named(name)) for name in names]


def do_random(console: Console, objects: Sequence[Managed], number: int, seed: int) -> list[Choice]:
    """Do that many different acts, all or none; the same ones for the same state and seed."""
    chance = random.Random(seed)  # noqa: S311 - repeatable is what is wanted
    order = list(ACTS.values())
    chance.shuffle(order)
    done: list[Choice] = []
    with console.store.transaction():
        for act in order:
            candidates = _candidates(act, objects)
            chance.shuffle(candidates)
            choice = next((one for one in _done(console, act, candidates)), None)
            if choice is not None:
                done.append(choice)
                if len(done) == number:
                    return done
        raise SandboxError(f"Only {len(done)} acts are possible one after the other: ask for no more.")


def _named(name: str) -> Act:
    act = ACTS.get(name)
    if act is not None:
        return act
    kind, _, attribute = name.partition(".")
    if (kind, attribute) in UNCHANGEABLE:
        raise SandboxError(f"{name} cannot be changed from outside: {UNCHANGEABLE[kind, attribute]}.")
    raise SandboxError(f"There is no act {name}: {_SHOWN}.")


def _candidates(act: Act, objects: Sequence[Managed]) -> list[Managed]:
    return [one for one in objects if act.can_be_done_to(one)]


def _do_first(console: Console, objects: Sequence[Managed], act: Act) -> Choice:
    candidates = _candidates(act, objects)
    if not candidates:
        raise SandboxError(f"{act.name} has nothing that it could be done to: {_SHOWN}.")
    choice = next(_done(console, act, candidates), None)
    if choice is None:
        raise SandboxError(
            f"{act.name} is not possible with {candidates[0].words}: {_why(console, act, candidates[0])}."
        )
    return choice


def _done(console: Console, act: Act, candidates: Sequence[Managed]) -> Iterator[Choice]:
    """The act done to each of the candidates that it is possible with, as far as the iteration goes."""
    for one in candidates:
        try:
            _do(console, Choice(act, one))
        except ImpossibleError:
            continue
        yield Choice(act, one)


def _do(console: Console, choice: Choice) -> None:
    """Do it, as a whole; ImpossibleError when the services refuse, or when nothing is different afterwards."""
    with console.store.transaction():
        before = console.store.dump()
        try:
            choice.act.do(console, choice.one)
        except LookupError:
            raise ImpossibleError("what it would change is not there any more") from None
        if console.store.dump() == before:
            raise ImpossibleError("it is already so")


def _is_possible(console: Console, choice: Choice) -> bool:
    try:
        with console.store.transaction():
            _do(console, choice)
            raise _TakenBackError
    except _TakenBackError:
        return True
    except ImpossibleError:
        return False


def _why(console: Console, act: Act, one: Managed) -> str:
    try:
        _do(console, Choice(act, one))
    except ImpossibleError as error:
        return str(error)
    raise AssertionError("it was impossible before")
