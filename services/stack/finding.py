"""Recognises the stack that runs in a home, and clears away what is left of one that does not."""

import os
import signal
import time

from services.stack.home import Home, Running, end_recorded
from services.stack.jars import Say
from services.stack.keeper import STOP_S
from services.stack.ready import kafka_answers, redis_answers
from shared.contracts.errors import Unavailable

ANSWER_S = 5.0
GRACE_S = 5.0
PATIENCE_S = 120.0


def find(home: Home, say: Say) -> Running | None:
    """The stack that runs and answers; else nothing runs when this returns. Call it under ``home.starting()``."""
    running = home.read()
    if home.keeper() is None:
        stop_keeper(home)
        return None
    if running is not None:
        if _answers_in_time(running, say):
            return running
        if running.owner is not None and running.owner.find():
            raise Unavailable(f"the stack in {home.root} belongs to process {running.owner.pid} and does not answer")
        say("a stack is there that does not answer: it is stopped and started anew")
    stop_keeper(home)
    return None


def _answers_in_time(running: Running, say: Say) -> bool:
    """A busy machine answers late: patience, as long as its processes live."""
    deadline = time.monotonic() + PATIENCE_S
    while not answers(running):
        if time.monotonic() > deadline or not all(server.find() for server in running.servers.values()):
            return False
        say("a stack is there; waiting for its answer")
    return True


def answers(running: Running) -> bool:
    return redis_answers(running.redis, ANSWER_S) and kafka_answers(running.kafka, ANSWER_S)


def stop_keeper(home: Home) -> None:
    """Stop the keeper, which stops its servers; kill what does not go, and what a killed keeper left."""
    running = home.read()
    keeper = home.keeper()
    if keeper is not None:
        _signal(keeper, signal.SIGTERM)
        if not home.keeper_gone(sum(STOP_S.values()) + GRACE_S):
            _signal(keeper, signal.SIGKILL)
            home.keeper_gone(GRACE_S)
    if running is not None:
        end_recorded(running)
    home.record.unlink(missing_ok=True)


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
