"""``make chaos SEED= MINUTES=``: faults at random, then the oracle. The last line is JSON, status 0 if all is equal."""

import argparse
import json
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from services.ops.refresh import all_stand
from shared.adapters.failpoints import POINTS
from shared.adapters.kafka_lag import LagReader
from shared.adapters.redis_views import ViewStore
from shared.contracts.errors import Unavailable
from tests.chaos.callers import Asking, Bringing
from tests.chaos.faults import FAULTS, die_at_a_point, kill_worker
from tests.chaos.field import Fault, Field, field
from tests.chaos.probes import Probes

RATE = 150
FIRST = 4500  # events, while every named place is died at
QUIET_S = 600.0
KILL_EVERY_S = (8.0, 16.0)
FAULT_EVERY_S = (2.0, 8.0)
USERS = [f"probe-{n}" for n in range(20)]


class Chaos:
    """One battle."""

    def __init__(self, seed: int, minutes: float, faults: Sequence[Fault] = FAULTS) -> None:
        self._seed, self._seconds, self._faults = seed, 60 * minutes, faults
        self._chance = Random(seed)
        self._struck: Counter[str] = Counter()
        self._kills: list[float] = []
        self._over = threading.Event()

    def run(self, home: Path) -> dict[str, Any]:
        """The outcome, as ``make chaos`` prints it."""
        say(f"seed {self._seed}, {self._seconds:.0f} s, in {home}")
        with field(home, f"chaos-{self._seed}", redis_keeps=self._seed % 2 == 0) as struck:
            probes, asking, bringing = Probes(struck.settings), Asking(struck, USERS), Bringing(struck)
            shops = [struck.simulate(FIRST, RATE, self._seed)]  # it begins while Kafka answers
            warm_up(struck)
            for thread in (probes, asking, bringing):
                thread.start()
            self._die_at_every_point(struck)
            lasting = int(RATE * self._seconds)
            shops.append(struck.simulate(lasting, RATE, self._seed + 1))
            self._strike(struck)
            for thread in (probes, asking, bringing):
                thread.stop()
            assert all(shop.wait(QUIET_S) == 0 for shop in shops), "not every event was taken by Kafka"
            say("the field is quiet: waiting for the lag to drain")
            drain(struck)
            say("asking the oracle of what stands")
            found = [struck.verify(QUIET_S)]
            say("asking the oracle of what is published again")  # which would mend a list that stood still
            found.append(struck.verify(QUIET_S, "--refresh"))
            sent = FIRST + lasting + probes.taken + struck.sent + len(bringing.taken)
            outcome = self._outcome(found, probes.recovery, sent)
            wrong, lost = asking.wrong + bringing.wrong, bringing.lost()
            for what in (*wrong, *(f"lost: {event}" for event in lost)):
                say(what)
            outcome["missing"] += len(lost)
            return outcome | {"answers": asking.answered + len(bringing.taken), "wrong": wrong.total()}

    def _die_at_every_point(self, struck: Field) -> None:
        for point in POINTS:
            say(f"dying at {point}")
            assert struck.die_at(point, QUIET_S), f"nobody came to {point}"
            self._struck[die_at_a_point.__name__] += 1

    def _strike(self, struck: Field) -> None:
        killer = threading.Thread(target=self._kill, args=(struck, Random(self._seed + 1)), daemon=True)
        killer.start()
        ends = time.monotonic() + self._seconds
        order: list[Any] = []
        while time.monotonic() < ends:
            order = order or self._chance.sample(self._faults, len(self._faults))  # all of them, before any comes again
            fault = order.pop()
            say(f"fault: {fault.__name__}")
            fault(struck, self._chance)
            self._struck[fault.__name__] += 1
            time.sleep(self._chance.uniform(*FAULT_EVERY_S))
        self._over.set()
        killer.join()

    def _kill(self, struck: Field, chance: Random) -> None:
        while not self._over.wait(chance.uniform(*KILL_EVERY_S)):
            with struck.peace:
                kill_worker(struck, chance)
            self._kills.append(time.monotonic())
            self._struck["kill_worker"] += 1

    def _outcome(
        self, found: list[dict[str, Any]], recovery: Callable[[float], float | None], sent: int
    ) -> dict[str, Any]:
        """``sent``: events that Kafka has taken; more may be there, whose senders had no answer."""
        for answer in found:
            tell(answer)
        raw = found[-1]["parts"]["raw records"]
        recovered = [seconds for kill in self._kills if (seconds := recovery(kill)) is not None]
        return {
            "seed": self._seed,
            "minutes": self._seconds / 60,
            "events": raw["compared"],
            "faults": dict(self._struck),
            "compared": found[-1]["compared"],
            "differences": sum(answer["differing"] + len(answer["not_compared"]) for answer in found),
            "missing": raw["differing"] + max(0, sent - raw["compared"]),
            "recovery_s": {
                "p50": round(median(recovered), 1) if recovered else None,
                "max": round(max(recovered), 1) if recovered else None,
            },
        }


def warm_up(struck: Field) -> None:
    """Until the workers are in the group: from a cold start there is nothing to be killed."""
    deadline = time.monotonic() + QUIET_S
    while struck.output.read_bytes().count(b"partition restored") == 0:
        assert time.monotonic() < deadline, struck.output.read_text()[-3000:]
        time.sleep(0.5)


def tell(found: dict[str, Any]) -> None:
    """What an oracle said."""
    for part, counts in found["parts"].items():
        say(f"{part}: {counts['compared']:,} compared, {counts['differing']:,} differ")
        for difference in counts["differences"]:
            say(f"  {difference}")
    for reason in found["not_compared"]:
        say(f"not compared: {reason}")


def drain(struck: Field) -> None:
    """Until nothing is behind and all views stand, those that Redis lost, too."""
    reader, views, deadline = LagReader(struck.settings), ViewStore(struck.settings), time.monotonic() + QUIET_S
    while True:
        try:
            behind = sum(lag.records_behind for lag in reader.read(None))
        except Unavailable:
            behind = -1
        if behind == 0 and all_stand(views, struck.settings):
            break
        if time.monotonic() > deadline:
            raise AssertionError(f"{behind} records behind, or views do not stand; {struck.output.read_text()[-3000:]}")
        time.sleep(0.5)
    reader.close()
    views.close()


def say(what: str) -> None:
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {what}\n")
    sys.stdout.flush()


def faults_named(names: str) -> list[Fault]:
    known = {fault.__name__: fault for fault in FAULTS}
    return [known[name] for name in names.split(",")]


def main() -> None:
    """Also ends with 1 if something was missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--only", type=faults_named, default=FAULTS, help="faults, with commas between them")
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="headrace-chaos-"))
    outcome = Chaos(given.seed, given.minutes, given.only).run(home)
    sys.stdout.write(json.dumps(outcome) + "\n")
    if outcome["differences"] or outcome["missing"] or outcome["wrong"]:
        sys.exit(1)  # what the parts said stays there
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
