"""The job `replay`: has all of a connection's deliveries since a moment processed once more.

Each changes nothing where it is known already; what nobody vouched for is not among them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from chalicelib.domain.commands import WakeUp
from chalicelib.flow.queues import Queues, StepQueues
from chalicelib.store.inbox import Inbox
from chalicelib.store.tables import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from chalicelib.store.jobs import Job

HOUR = timedelta(hours=1)
HOURS_AT_ONCE = 48
# A slice ends after the hour in which this many were sent.
ENOUGH = 300


class Deliveries(Protocol):
    """What replaying needs of the inbox."""

    def received_between(
        self, merchant_id: str, start: datetime, end: datetime
    ) -> Iterable[tuple[str, str]]:
        """Yield (delivery id, step) of what came in between two moments."""
        ...

    def solve(self, merchant_id: str, wanted: str) -> None:
        """Take a delivery off the list of problems."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayer:
    """Sends deliveries to their steps, oldest first."""

    inbox: Deliveries
    queues: Queues

    def advance(self, job: Job, now: datetime) -> Job:  # noqa: ARG002 - every job is told the time
        """Send some hours' deliveries; a repeated slice sends them twice, which is harmless."""
        place, until = moment(job.cursor["at"]), moment(job.cursor["until"])
        sent = 0
        for _ in range(HOURS_AT_ONCE):
            if place >= until or sent >= ENOUGH:
                break
            end = min(place + HOUR, until)
            sent += self._send(job, place, end)
            place = end
        done = job.done + sent
        return replace(
            job,
            cursor={**job.cursor, "at": stamp(place)},
            done=done,
            state="done" if place >= until else "running",
            result={"replayed": done},
        )

    def _send(self, job: Job, start: datetime, end: datetime) -> int:
        """Wake the steps; off the list first, so that what fails again at once is on it again."""
        mine = [
            WakeUp(step=step, merchant_id=job.merchant_id, delivery_id=name)
            for name, step in self.inbox.received_between(job.merchant_id, start, end)
            if step and name.startswith(f"{job.subject}/")
        ]
        for wake in mine:
            self.inbox.solve(job.merchant_id, wake.delivery_id)
        self.queues.send(mine)
        return len(mine)


def advance(job: Job, now: datetime) -> Job:
    """Do one slice of a replay."""
    return Replayer(inbox=Inbox(), queues=StepQueues()).advance(job, now)
