"""A small share of what bench.fuzz feeds to the readers; 50,000 of each kind are run by hand (bench/README.md)."""

import tempfile
from pathlib import Path

import pytest

from bench import fuzz
from bench.fuzz_inputs import MLOPS, dumped, sound_project, write
from settings import load

AT_ONCE = 50


@pytest.mark.parametrize("kind", sorted(fuzz.KINDS))
@pytest.mark.parametrize("start", range(0, 200, AT_ONCE))
def test_spoilt_input_is_read_or_refused(kind: str, start: int) -> None:
    failures = [fuzz.run_case(kind, fuzz.SEED, number) for number in range(start, start + AT_ONCE)]
    assert [failure for failure in failures if failure] == []


def test_what_is_spoilt_was_sound() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write(folder / "ml", sound_project())
        (folder / "mlops.yaml").write_text(dumped(MLOPS), encoding="utf-8")
        assert len(load(folder=folder, environ={}).bundles) == 3


def test_a_reader_that_fails_or_never_ends_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def raises(*_: object) -> None:
        raise KeyError("x")

    def hangs(*_: object) -> None:
        while True:
            pass

    monkeypatch.setattr(fuzz, "SECONDS", 0.1)
    for spoilt, expected in ((raises, "KeyError"), (hangs, "_TooSlowError")):
        monkeypatch.setitem(fuzz.KINDS, "mlops", spoilt)
        failure = fuzz.run_case("mlops", fuzz.SEED, 0)
        assert failure is not None
        assert failure.kind == expected
