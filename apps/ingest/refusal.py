"""Why a request was not taken, in words for the developer who sent it."""


class Refusal(Exception):  # noqa: N818 the contract's word: nothing went wrong on our side
    """Nothing of the request was stored, or, with 503, nothing is known to be. The codes are listed in docs/ingest.md.

    `retry_after` is in seconds; without it sending the same again is of no use.
    """

    def __init__(self, status: int, code: str, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after
