"""Production equals evaluation: what came through Kafka, recorded and folded again, is what stands in Redis."""

import json
import subprocess
from pathlib import Path

import redis

from services.recording.file import RecordingWriter, read_recording
from shared.adapters.kafka_topics import ensure_topics
from shared.contracts.examples import encode_examples
from shared.contracts.frames import encode_frame
from shared.contracts.recordings import RecordedDelta, RecordedExamples, RecordedFrame
from shared.contracts.settings import Settings
from shared.contracts.views import Keys
from tests.stack.parts import headrace, running, variables_of
from tests.stack.test_verify import MISHAPS, Verified

EVENTS = 7000
USERS = 500
SAID = f"against Redis: {USERS} users compared, "


class Compared(Verified):
    """The tenant's lists against a recording's."""

    def against(self, recording: Path, *options: str) -> subprocess.CompletedProcess[str]:
        return headrace(self.variables, "evaluate", "--frames", str(recording), "--against-redis", *options)


def test_what_is_recorded_comes_to_the_lists_that_stand(settings: Settings, tmp_path: Path) -> None:
    ensure_topics(settings)
    shop, recording = Compared(settings, variables_of(settings)), tmp_path / "shop.frames"
    with running(settings, variables_of(settings), tmp_path / "output"):
        sizes = ["--events", str(EVENTS), "--rate", "1000", "--users", "5000", "--items", "80", "--seed", "3"]
        sent = headrace(shop.variables, "simulate", *sizes, *MISHAPS)
        assert sent.returncode == 0, sent.stderr
        shop.caught_up()
        refreshed = headrace(shop.variables, "refresh")
        assert refreshed.returncode == 0, refreshed.stderr
        recorded = headrace(shop.variables, "record", str(recording))
        assert recorded.returncode == 0, recorded.stderr
        assert "behind" not in recorded.stderr

    figures, lists = tmp_path / "figures.json", tmp_path / "lists.jsonl"
    done = shop.against(recording, "--json", str(figures), "--lists", str(lists), "--users", str(USERS))
    assert (done.returncode, SAID + "0 differ" in done.stdout) == (0, True), done.stdout + done.stderr
    found = json.loads(figures.read_bytes())
    assert found["data"]["events"] > EVENTS / 2
    assert found["methods"]["headrace-get"]["hr@20"] > 0
    made = [json.loads(line) for line in lists.read_text().splitlines()]
    assert len(made) == USERS
    assert sum(len(one["items"]) for one in made) > 10 * USERS

    _tamper(settings, made[0]["user_id"])
    done = shop.against(recording)
    assert (done.returncode, SAID + "1 differ" in done.stdout) == (1, True), done.stdout + done.stderr
    assert made[0]["user_id"] in done.stdout

    _without_a_frame(recording, tmp_path / "less.frames")
    done = shop.against(tmp_path / "less.frames")
    assert done.returncode == 1
    assert SAID in done.stdout
    assert SAID + "1 differ" not in done.stdout


def _tamper(settings: Settings, user: str) -> None:
    """Change the first score of a list."""
    client, key = redis.Redis.from_url(settings.redis.url), Keys(settings).rec(user)
    view = json.loads(client.get(key) or b"{}")
    view["scores"][0] += 0.000001
    client.set(key, json.dumps(view, separators=(",", ":")))


def _without_a_frame(recording: Path, less: Path) -> None:
    """Leave the last frame of `frames` 0 out, and what came of it."""
    whole = read_recording(recording)
    gone = whole.frames[0][-1].place
    with RecordingWriter(less, whole.header) as file:
        for frame in (step for steps in whole.frames for step in steps if step.place != gone):
            file.write(RecordedFrame(frame.partition, frame.offset, frame.at, encode_frame(frame.frame)))
        for delta in (step for steps in whole.deltas for step in steps if step.place != gone):
            file.write(RecordedDelta(delta.partition, delta.offset, *delta.place))
        for step in whole.examples:
            file.write(RecordedExamples(step.offset, encode_examples(step.examples)))
