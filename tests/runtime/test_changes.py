"""Word of changes: in order for each shop, and the same occasion never twice."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.errors import Retryable
from chalicelib.runtime import changes
from chalicelib.runtime.changes import Change, announce, change_of, changes_of


class Queue:
    """A queue that writes down what it takes; it refuses what it is told to refuse."""

    def __init__(self) -> None:
        self.calls: list[list[dict[str, str]]] = []
        self.refuses = False

    def send_message_batch(self, **call: Any) -> dict[str, Any]:
        """Take up to ten messages."""
        assert call["QueueUrl"] == "https://sqs/availability.fifo"
        self.calls.append(call["Entries"])
        return {"Failed": call["Entries"][:1]} if self.refuses else {}

    @property
    def sent(self) -> list[dict[str, str]]:
        """All messages."""
        return [entry for call in self.calls for entry in call]


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    """Put a queue in the place of SQS."""
    found = Queue()
    monkeypatch.setenv("AVAILABILITY_QUEUE", "https://sqs/availability.fifo")
    monkeypatch.setattr(changes, "_client", lambda: found)
    return found


def word(connection: str = "m-1", *skus: str) -> Change:
    """Return word of a change."""
    return Change(merchant_id="m", connection_id=connection, skus=skus or ("A",))


def test_messages_of_a_shop_stay_in_order_and_keep_no_other_waiting(queue: Queue) -> None:
    """Their group is the connection."""
    found = queue
    announce([word("m-1"), word("m-2")], "1")
    assert [sent["MessageGroupId"] for sent in found.sent] == ["m-1", "m-2"]
    assert [change_of(sent["MessageBody"]) for sent in found.sent] == [word("m-1"), word("m-2")]


def test_a_whole_catalogue_keeps_no_change_waiting(queue: Queue) -> None:
    """Both may be told at the same time: whoever is overtaken tells again."""
    announce([*changes_of("m", "m-1", ["A"], again=True), word("m-1")], "1")
    groups = [sent["MessageGroupId"] for sent in queue.sent]
    assert groups == ["m-1-again", "m-1"]


def test_the_same_occasion_is_one_message_and_another_is_not(queue: Queue) -> None:
    """A batch of the stream that comes again is dropped; the next change never is."""
    found = queue
    for occasion in ("1", "1", "2"):
        announce([word()], occasion)
    first, again, other = (sent["MessageDeduplicationId"] for sent in found.sent)
    assert first == again != other


def test_ten_go_in_one_call(queue: Queue) -> None:
    """Nobody is called for nothing."""
    found = queue
    announce([], "1")
    assert found.calls == []
    announce([word(f"m-{number}") for number in range(25)], "1")
    assert [len(call) for call in found.calls] == [10, 10, 5]


def test_what_the_queue_did_not_take_comes_back(queue: Queue) -> None:
    """A word that is lost would be a wrong level in a shop."""
    queue.refuses = True
    with pytest.raises(Retryable):
        announce([word()], "1")


def test_skus_share_a_message_each_once() -> None:
    """In the order in which they were named."""
    found = list(changes_of("m", "m-1", [f"S{n % 60}" for n in range(200)], again=True))
    assert [len(change.skus) for change in found] == [50, 10]
    assert all(change.again for change in found)
    assert found[0].skus[:3] == ("S0", "S1", "S2")
