"""Structured logs to standard error: JSON or for a person. No user id is ever logged.

What libraries log, what Python warns of and what nobody catches come as lines of the same form. A line that cannot be
written ends nothing: an error of logging must not be taken for one of the record at hand.
"""

import json
import logging
import sys
import threading
from types import TracebackType
from typing import NoReturn, TextIO, cast

import structlog

from shared.adapters.kafka_said import SAID
from shared.adapters.outlet import Outlet
from shared.contracts.errors import HeadraceError
from shared.contracts.sections import LogSettings


def configure_logging(settings: LogSettings, part: str) -> None:
    """Set up structlog and the standard library's logging for one process; ``part`` is on every line."""
    level, as_json = getattr(logging, settings.level.upper()), settings.format == "json"
    outlet = cast("TextIO", Outlet(sys.stderr, _as_json if as_json else _for_a_person))
    rendering: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)]
    )
    structlog.configure(
        processors=[
            _of(part),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *rendering,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(outlet),
    )
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[ToStructlog()], force=True)
    logging.captureWarnings(capture=True)
    sys.excepthook = _crashed
    threading.excepthook = _thread_crashed


class ToStructlog(logging.Handler):
    """What is logged by others, as lines of the part that the process is."""

    def emit(self, record: logging.LogRecord) -> None:
        level = min(max(record.levelno // 10, 1), 5) * 10  # structlog knows no others
        whose = {} if record.name == SAID.name else {"logger": record.name}
        more = {"exc_info": record.exc_info} if record.exc_info else {}
        structlog.get_logger().log(level, _text(record), **whose, **more)


def end(part: str, error: HeadraceError) -> NoReturn:
    """End the process with the error's status and one clear line: of the log, unless the settings, of which its format
    is one, are what is wrong.
    """
    if structlog.is_configured():
        structlog.get_logger().error("stopped", error=str(error), status=error.exit_status)
    else:
        sys.stderr.write(f"headrace {part}: {error}\n")
    sys.exit(error.exit_status)


def _of(part: str) -> structlog.typing.Processor:
    def named(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {"part": part, **event}

    return named


def _text(record: logging.LogRecord) -> str:
    """Whose arguments do not fit what is said of them is no reason to say nothing, or to end."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} {record.args}"


def _crashed(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    structlog.get_logger().critical("crashed", exc_info=(kind, error, trace))


def _thread_crashed(ended: threading.ExceptHookArgs) -> None:
    thread = ended.thread.name if ended.thread else ""
    error = ended.exc_value or ended.exc_type()
    structlog.get_logger().critical("crashed", thread=thread, exc_info=(ended.exc_type, error, ended.exc_traceback))


def _as_json(lines: int) -> str:
    return json.dumps({"event": "lines could not be written", "lines": lines, "level": "warning"})


def _for_a_person(lines: int) -> str:
    return f"{lines} lines could not be written"
