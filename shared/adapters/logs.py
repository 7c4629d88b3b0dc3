"""Structured logs to standard error: JSON or for a person. No user id is ever logged.

A line that cannot be written ends nothing: an error of logging must not be taken for one of the record at hand.
"""

import json
import logging
import sys
from typing import TextIO, cast

import structlog

from shared.adapters.kafka_said import through_structlog
from shared.adapters.outlet import Outlet
from shared.contracts.sections import LogSettings


def configure_logging(settings: LogSettings, part: str) -> None:
    """Set up structlog and the standard library's logging for one process; ``part`` is on every line."""
    level = getattr(logging, settings.level.upper())
    outlet = cast("TextIO", Outlet(sys.stderr, _as_json if settings.format == "json" else _for_a_person))
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if settings.format == "json"
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(outlet),
    )
    structlog.contextvars.bind_contextvars(part=part)
    through_structlog()
    logging.basicConfig(level=max(level, logging.WARNING), stream=outlet, format="%(levelname)s %(name)s %(message)s")


def _as_json(lines: int) -> str:
    return json.dumps({"event": "lines could not be written", "lines": lines, "level": "warning"})


def _for_a_person(lines: int) -> str:
    return f"{lines} lines could not be written"
