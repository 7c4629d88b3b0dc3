"""Refusals: which event of the request, which field, and why."""

from collections.abc import Sequence

from starlette.responses import Response

from services.collector.intake import Refused
from services.web.problems import Problem, about, answer


class Refusal(Problem, kw_only=True, omit_defaults=True):
    """``reason`` as in dead-letter, ``index`` of the event in the array, and on 503 the ``ids`` that the events would
    have had: sent again with these, none counts twice.
    """

    reason: str | None = None
    index: int | None = None
    ids: Sequence[str] = ()


def refusal(why: Refused) -> Response:
    return answer(Refusal(**about(why.status), detail=why.detail, reason=why.reason, field=why.field, index=why.index))
