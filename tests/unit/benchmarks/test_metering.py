"""CPU time of processes, as finely as the system counts it."""

import os
import subprocess
import sys
import time

import psutil
import pytest

from benchmarks.metering import cpu_of, cpu_of_family

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems count in ticks: psutil's, not ours")


def test_a_process_is_measured_by_its_own_clock() -> None:
    before = time.process_time()
    used = cpu_of(os.getpid())
    assert before <= used <= time.process_time()


def test_what_takes_less_than_a_tick_is_seen() -> None:
    before = cpu_of(os.getpid())
    sum(range(1000))
    assert cpu_of(os.getpid()) - before > 0


def test_those_that_a_process_has_started_are_counted_with_it() -> None:
    command = [sys.executable, "-c", "print(sum(range(10**6)), flush=True); input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        own, both = cpu_of(os.getpid()), cpu_of_family(os.getpid())
        assert both >= own + 0.9 * cpu_of(child.pid)
        child.communicate(b"\n")


def test_a_process_that_is_gone_is_said_to_be_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    with pytest.raises(psutil.NoSuchProcess):
        cpu_of(child.pid)
