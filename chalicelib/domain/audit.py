"""What the movements of a level add up to, and where they do not fit together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chalicelib.domain.levels import Level, Movement


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that does not fit: at which movement, of which kind, in words.

    Kinds: `gap` (movements are missing), `jump` (one does not begin where the last one ended),
    `difference` (the level is not what all movements add up to).
    """

    kind: str
    seq: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """A level and what its movements, added up, say it should be."""

    location: str
    on_hand: int
    reserved: int
    counted_on_hand: int
    counted_reserved: int
    movements: int
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """Tell whether every unit is accounted for."""
        return not self.findings


def audit(level: Level, movements: Iterable[Movement]) -> Audit:
    """Add up the movements of a level, oldest first."""
    known = list(movements)
    on_hand, reserved = sum(x.quantity for x in known), sum(x.held for x in known)
    findings = [*_breaks(known), *_end(level, known)]
    if (on_hand, reserved) != (level.on_hand, level.reserved):
        text = (
            f"The movements add up to {on_hand} on hand and {reserved} reserved,"
            f" the level says {level.on_hand} and {level.reserved}."
        )
        findings.append(Finding(kind="difference", seq=level.seq, text=text))
    return Audit(
        location=level.location,
        on_hand=level.on_hand,
        reserved=level.reserved,
        counted_on_hand=on_hand,
        counted_reserved=reserved,
        movements=len(known),
        findings=tuple(findings),
    )


def _breaks(known: list[Movement]) -> Iterator[Finding]:
    seq = on_hand = reserved = 0
    for one in known:
        if one.seq != seq + 1:
            yield _gap(seq + 1, one.seq - 1)
        elif (one.on_hand - one.quantity, one.reserved - one.held) != (on_hand, reserved):
            text = (
                f"Movement {one.seq} begins with {one.on_hand - one.quantity} on hand and"
                f" {one.reserved - one.held} reserved; before it were {on_hand} and {reserved}."
            )
            yield Finding(kind="jump", seq=one.seq, text=text)
        seq, on_hand, reserved = one.seq, one.on_hand, one.reserved


def _end(level: Level, known: list[Movement]) -> Iterator[Finding]:
    last = known[-1].seq if known else 0
    if last < level.seq:
        yield _gap(last + 1, level.seq)


def _gap(first: int, last: int) -> Finding:
    which = f"Movement {first} is" if first == last else f"Movements {first} to {last} are"
    return Finding(kind="gap", seq=first, text=f"{which} missing.")
