"""Why a file cannot be read at all, told so that an official knows what to do next."""

from enum import StrEnum


class Fault(StrEnum):
    """What is wrong with a file as a whole."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"
    ENCRYPTED = "encrypted"
    DAMAGED = "damaged"
    DANGEROUS = "dangerous"
    ENCODING = "encoding"
    UNRECOGNISED = "unrecognised"
    OVER_LIMIT = "over_limit"


class UnreadableFile(ValueError):
    """A file was refused as a whole; the message is Chinese and says the next step."""

    def __init__(self, fault: Fault, message: str) -> None:
        self.fault = fault
        super().__init__(message)

    def __reduce__(self) -> tuple[type["UnreadableFile"], tuple[Fault, str]]:
        return (type(self), (self.fault, str(self)))
