"""Whatever a part prints, by whomever it is said, is a line of the form that the settings name."""

import json
import subprocess
import sys

import pytest

PATIENCE_S = 60
SAYS = """
import logging, sys, threading, warnings
import structlog
from shared.adapters.kafka_said import SAID
from shared.adapters.logs import configure_logging, end
from shared.contracts.errors import SettingsError, Unavailable
from shared.contracts.sections import LogSettings

def ends_badly():
    raise ValueError("two\\nlines")

configure_logging(LogSettings(format=sys.argv[1]), "worker")
beside = threading.Thread(target=structlog.get_logger().info, args=("from a thread",), name="beside")
beside.start()
beside.join()
logging.getLogger("aiokafka").error("no leader of %s", "frames")
logging.getLogger("odd").log(35, "of a level of its own")
logging.getLogger("odd").error("%s and %s", "one alone of two")
logging.getLogger("quiet").info("not wanted")
SAID.error("FAIL [rdkafka#producer-1] [thrd:a:1/1]: a:1/1: refused (after 0ms in state CONNECT)")
warnings.warn("in vain")
try:
    ends_badly()
except ValueError:
    logging.getLogger("faust").exception("an agent ended")
dying = threading.Thread(target=ends_badly, name="dying")
dying.start()
dying.join()
"""
CRASHES = SAYS + "ends_badly()"
ENDS = SAYS + "end('worker', Unavailable('Redis: away'))"
WRONG = SAYS.partition("configure_logging(LogSettings")[0] + "end('worker', SettingsError('log.format: none'))"


def said(program: str, form: str) -> tuple[int, list[str]]:
    """The exit status and the lines of a process."""
    command = [sys.executable, "-c", program, form]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
    assert done.stdout == ""
    return done.returncode, done.stderr.splitlines()


def test_every_line_is_one_json_object() -> None:
    status, lines = said(CRASHES, "json")
    found = [json.loads(line) for line in lines]
    assert status == 1
    assert {line["part"] for line in found} == {"worker"}
    logged = [line for line in found if line.get("logger") != "py.warnings"]
    assert [(line["level"], line["event"]) for line in logged] == [
        ("info", "from a thread"),
        ("error", "no leader of frames"),
        ("warning", "of a level of its own"),
        ("error", "%s and %s ('one alone of two',)"),
        ("error", "Kafka: a:1/1: refused"),
        ("error", "an agent ended"),
        ("critical", "crashed"),
        ("critical", "crashed"),
    ]
    assert [line["logger"] for line in found if "in vain" in line["event"]] == ["py.warnings"]
    traces = [line["exception"] for line in found[-3:]]
    assert all(trace.endswith("ValueError: two\nlines") for trace in traces)
    assert found[-2]["thread"] == "dying"


@pytest.mark.parametrize(("form", "last"), [("json", '"error": "Redis: away"'), ("console", "Redis: away")])
def test_what_ends_a_part_is_a_line_of_it(form: str, last: str) -> None:
    status, lines = said(ENDS, form)
    assert status == 1
    assert last in lines[-1]
    assert "stopped" in lines[-1]


def test_a_wrong_setting_is_plain_since_the_format_is_one() -> None:
    assert said(WRONG, "json") == (2, ["headrace worker: log.format: none"])


def test_a_person_sees_the_same() -> None:
    _, lines = said(CRASHES, "console")
    assert "no leader of frames" in "".join(lines)
    assert lines.count("ValueError: two") == 3
