"""What every fact is: something that happened, told once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something that happened to an order at a moment (UTC)."""

    # The fields that make two records of the same happening one; None: all of them.
    known_by: ClassVar[tuple[str, ...] | None] = None

    at: datetime

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes two records of the same happening one."""
        names = type(self).known_by
        return (type(self), self if names is None else tuple(getattr(self, n) for n in names))
