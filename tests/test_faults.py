"""A fault is made from the place where something was written."""

import pytest

from bundle.yaml_source import Position
from settings.faults import Fault, FaultsError


def test_a_fault_takes_its_place_from_a_position() -> None:
    fault = Fault.at(Position("mlops.yaml", 3, 7), "project", found="1", allowed="text", remedy="quote it")
    assert fault == Fault("mlops.yaml", 3, 7, "project", "1", "text", "quote it")
    assert str(fault).splitlines()[0] == "mlops.yaml:3:7: project"


def test_a_fault_of_a_file_as_a_whole_names_no_line() -> None:
    fault = Fault.of_file("$MLOPS_NOW", found="noon", allowed="a moment", remedy="correct it")
    assert str(fault).splitlines()[0] == "$MLOPS_NOW"
    with pytest.raises(FaultsError, match="1 fault; nothing was changed"):
        raise FaultsError([fault, fault])
