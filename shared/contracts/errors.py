"""Errors with types: who catches one knows what happened and whether a restart can help."""

EXIT_NEEDS_A_PERSON = 78  # BSD's EX_CONFIG: a supervisor does not restart this


class HeadraceError(Exception):
    """Whatever Headrace raises on purpose."""

    exit_status = 1


class SettingsError(HeadraceError):
    """A setting is wrong; the text names it and where it was read from."""

    exit_status = 2


class BadRecord(HeadraceError):  # noqa: N818 - it is a verdict on a record, said as one
    """A record breaks the contract.

    ``reason`` is one of :data:`shared.contracts.reasons.REASONS` (a metric label, a header of the
    dead letter); ``detail`` says what and where, for a person.
    """

    def __init__(self, reason: str, detail: str, field: str | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.field = field


class Unavailable(HeadraceError):  # noqa: N818
    """Kafka or Redis does not answer; starting again is the recovery."""


class Fenced(Unavailable):
    """Another owner has taken over what this process meant to change."""


class TornState(HeadraceError):  # noqa: N818
    """A saved state is not whole: it must be made again from the log."""


class NeedsAPerson(HeadraceError):  # noqa: N818
    """Going on would lose or invent something (a gap, a mismatch): exit 78, not restarted."""

    exit_status = EXIT_NEEDS_A_PERSON
