"""The three ways a step can fail; anything else is a bug of ours."""


class KontorError(Exception):
    """An error with a stable code and a sentence a person can act on."""

    def __init__(self, code: str, text: str) -> None:
        """Keep the machine's code (`snake_case`) beside the sentence for people."""
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class Retryable(KontorError):
    """The outside was not able to answer just now; the same call may go through later."""

    def __init__(self, code: str, text: str, *, after: float | None = None) -> None:
        """Keep also the seconds to wait, if the outside said how many."""
        super().__init__(code, text)
        self.after = after


class Permanent(KontorError):
    """The outside refused for a known reason; repeating it changes nothing."""


class NeedsHuman(KontorError):
    """Only a person can decide how to go on."""


class Conflict(Retryable):
    """Somebody else appended to the same order first; load it again and decide again."""
