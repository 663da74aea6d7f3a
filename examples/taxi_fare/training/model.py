"""The fare model: a weighted sum of standardised features."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FareModel:
    """Immutable, and all of it fits into a few lines of JSON."""

    columns: tuple[str, ...]
    means: tuple[float, ...]
    scales: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float

    def predict(self, features: Sequence[float]) -> float:
        """The fare in dollars; no ride costs less than nothing."""
        terms = zip(features, self.means, self.scales, self.weights, strict=True)
        return max(0.0, self.intercept + sum(weight * (value - mean) / scale for value, mean, scale, weight in terms))

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2)

    @classmethod
    def from_json(cls, text: str) -> "FareModel":
        fields = json.loads(text)
        return cls(
            columns=tuple(fields["columns"]),
            means=tuple(fields["means"]),
            scales=tuple(fields["scales"]),
            weights=tuple(fields["weights"]),
            intercept=fields["intercept"],
        )
