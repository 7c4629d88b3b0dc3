"""What production has folded, folded again from its recording: the same lists."""

import json
from contextlib import nullcontext
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from services.cli.evaluate import evaluate
from services.evaluate.event_log import EventLog
from services.evaluate.frames import FramesTest
from services.evaluate.made_lists import MadeList, compared, made_lists, sampled
from services.evaluate.protocol import Protocol, plan_test
from services.evaluate.recorded_log import recorded_log
from services.evaluate.replayed import Replayed, settings_of
from services.recording.file import RecordingWriter, read_recording
from services.recording.order import ordered
from shared.contracts.errors import HeadraceError
from shared.contracts.frames import encode_frame
from shared.contracts.recordings import RECORDING_VERSION, Header, RecordedDelta, RecordedFrame
from shared.contracts.settings import Settings, load_settings
from shared.contracts.skips import SKIP_VERSION, Skip, encode_skip, skip_key
from shared.contracts.state import fingerprint
from shared.contracts.topics import EXAMPLES, FRAMES, ITEM_DELTAS
from tests.unit.core.frame_rows import START, Row, frame_of
from tests.unit.core.sequences import TIGHT, many_frames
from tests.unit.recording.shop import SETTINGS, Shop, busy

EVERYONE = 10**6
ONE = load_settings(topics={"frames_partitions": 1, "items_partitions": 1})
NO_SHRINKING = (Phase.explicit, Phase.generate)  # an example takes a second
# what items partitions let go keeps its last view in Redis, so that bound alone is one that does not bite
SMALL = TIGHT.model_copy(
    update={
        "topics": SETTINGS.topics,
        "cooccurrence": TIGHT.cooccurrence.model_copy(update={"max_items": SETTINGS.cooccurrence.max_items}),
    }
)


def lists(path: Path, rules: Settings = SETTINGS) -> list[MadeList]:
    recording = read_recording(path)
    rules = settings_of(recording.header, rules)
    steps = ordered(recording)
    recorded = recorded_log(path.name, steps, rules)
    production = Replayed(recorded, steps, rules)
    for event in range(len(recorded.loaded.log)):
        production.learn(event)
    return made_lists(production.pipeline, recording.header, sampled(production.pipeline, EVERYONE, 7))


def differing(shop: Shop, made: list[MadeList]) -> list[str]:
    return compared(made, shop.worker.ports.keys, shop.worker.views.read).differences


@given(many_frames, st.sampled_from([SETTINGS, SMALL]))
@settings(max_examples=20, phases=NO_SHRINKING)
def test_whatever_production_folds_the_recording_comes_to_the_same_lists(
    tmp_path_factory: pytest.TempPathFactory, told: list[list[Row]], rules: Settings
) -> None:
    shop, path = Shop(rules), tmp_path_factory.mktemp("recording") / "frames.hrec"
    for rows in [[Row("v", "a")], *told]:
        shop.tell(rows)
    shop.worker.refresh()
    shop.record(path)
    made = lists(path, rules)
    assert differing(shop, made) == []
    assert {one.user_id for one in made} == shop.standing().keys()


def test_a_list_that_is_another_or_away_is_seen(tmp_path: Path) -> None:
    shop, path = busy(), tmp_path / "shop.frames"
    shop.record(path)
    made = lists(path)
    assert differing(shop, made) == []
    assert sum(len(one.items) for one in made) > 9 * len(made)
    held, key_of = shop.worker.views.held, shop.worker.ports.keys.rec
    view = json.loads(held[key_of("u1")])
    view["scores"][-1] -= 0.000001
    held[key_of("u1")] = json.dumps(view).encode()
    del held[key_of("u2")]
    assert [text.split(":")[1].split()[0] for text in differing(shop, made)] == ["u1", "u2"]
    assert differing(shop, made)[0].startswith("rec:u1 scores: expected")


def test_what_stands_beside_a_list_to_be_explored_is_compared(tmp_path: Path) -> None:
    rules = SETTINGS.model_copy(update={"lists": SETTINGS.lists.model_copy(update={"length": 3})})
    shop, path = busy(settings=rules), tmp_path / "shop.frames"
    shop.record(path)
    made = lists(path, rules)
    assert differing(shop, made) == []
    user = next(one.user_id for one in made if len(one.explore) > 1)
    held, key = shop.worker.views.held, shop.worker.ports.keys.rec(user)
    view = json.loads(held[key])
    view["explore"].reverse()
    held[key] = json.dumps(view).encode()
    assert [text.split(": ")[0] for text in differing(shop, made)] == [f"{key} explore"]


def test_lists_that_are_older_than_the_recording_are_seen(tmp_path: Path) -> None:
    shop, path = busy(), tmp_path / "shop.frames"
    shop.tell([Row("u1", "i3", at=1000)])
    shop.record(path)
    assert any(" at: expected '000001-" in text for text in differing(shop, lists(path)))


def test_a_record_that_was_sent_twice_or_skipped_changes_nothing_else(tmp_path: Path) -> None:
    """A worker that ended between sending and acknowledging sends again; a person skips what nobody can fold."""
    rules, shop = SETTINGS, Shop()
    for number in range(12):
        shop.tell([Row(user, f"i{(number + n) % 7}", at=number) for n, user in enumerate("uvwxyz")])
        if number == 6:
            for items in range(rules.topics.items_partitions):
                records = shop.log.records[ITEM_DELTAS, items]
                records.append(records[-1])
    shop.worker.refresh()
    shop.record(tmp_path / "shop.frames")
    assert differing(shop, lists(tmp_path / "shop.frames")) == []


def test_a_log_may_begin_with_a_catalogue(tmp_path: Path) -> None:
    shop, path = Shop(), tmp_path / "shop.frames"
    shop.tell([Row(None, "hat", kind="item", record=b'{"item_id":"hat","categories":["hats"]}')])
    for number in range(4):
        shop.tell([Row(user, f"i{(number + n) % 3}", at=number) for n, user in enumerate("uvwxyz")])
    shop.worker.refresh()
    shop.record(path)
    made = lists(path)
    assert {one.user_id for one in made} == set("uvwxyz")
    assert differing(shop, made) == []


def test_a_skipped_frame_whose_delta_was_sent_is_folded_as_production_did(tmp_path: Path) -> None:
    shop, path = Shop(), tmp_path / "shop.frames"
    shop.tell([Row(user, item, at=n) for n, (user, item) in enumerate(zip("uvwuvw", "abcbca", strict=True))])
    topic, partition = FRAMES, 0
    shop.record(path)
    whole = lists(path)
    decision = Skip(SKIP_VERSION, topic, partition, 0, "a test", 0)
    shop.log.skips[skip_key(topic, partition, 0)] = encode_skip(decision)
    shop.record(path)
    left = lists(path)
    assert {one.user_id for one in whole} > {one.user_id for one in left}
    theirs = {one.user_id: one for one in whole}
    assert all(theirs[one.user_id] == one for one in left)  # items know what the skipped frame had said of them


def log_of(shop: Shop, path: Path) -> EventLog:
    shop.record(path)
    recording = read_recording(path)
    return recorded_log(path.name, ordered(recording), settings_of(recording.header, SETTINGS)).loaded.log


def test_events_are_those_that_are_learned_frame_by_frame(tmp_path: Path) -> None:
    shop = Shop(ONE)
    hats = b'{"item_id":"hat","categories":["hats"]}'
    bought = Row("u", "a", 5, "purchase", event_id="x")
    shop.tell([Row("u", "b", 1), Row("v", "a", 2), Row("u", "b", 3, "return")])
    shop.tell([Row(None, "hat", kind="item", record=hats)])
    shop.tell([bought, Row("u", "a", 4, event_id="x"), Row("v", "b", 4, event_id="x")])
    shop.tell([Row("w", "c", 0, "hide")])
    shop.tell([Row("v", "b", 6), Row("v", "b", 6)])
    shop.tell([Row("u", "c", 9, offset=1)])  # ingest sent it once before
    shop.worker.profiles[0].publish()
    shop.worker.lists.write()
    shop.record(tmp_path / "shop.frames")
    recording = read_recording(tmp_path / "shop.frames")
    recorded = recorded_log("shop", ordered(recording), ONE)
    log = recorded.loaded.log
    events = zip(log.user.tolist(), log.item.tolist(), log.kind.tolist(), strict=True)
    told = [f"{log.users[user]} {log.items[item]} {log.kinds[kind]}" for user, item, kind in events]
    assert told == ["u b view", "v a view", "u a purchase", "v b view", "v b view", "v b view"]
    assert ((log.ts - START) // 60_000).tolist() == [1, 2, 5, 4, 6, 6]
    assert recorded.ends.tolist() == [2, 2, 4, 4, 6, 6]
    assert log.bounds is not None
    assert log.bounds.tolist() == [0, 2, 4, 6]
    assert recorded.loaded.left_out == {"hide": 1, "repeated": 1, "return": 1}
    assert (log.users, log.items) == (["u", "v", "w"], ["a", "b", "c", "hat"])
    assert {log.items[item]: record.categories for item, record in log.catalogue.items()} == {"hat": ["hats"]}


def test_a_target_is_asked_for_before_its_frame_is_folded(tmp_path: Path) -> None:
    """Within a frame everybody goes from one item to the next: nobody can be told, and the next frame all can."""
    shop, path = Shop(ONE), tmp_path / "shop.frames"
    for number in range(6):
        users = [f"u{number}{n}" for n in range(8)]
        shop.tell([Row(user, item, at=number) for user in users for item in (f"a{number}", f"b{number}")])
    shop.record(path)
    test = FramesTest(path, ONE, comparable=True)
    result = test.run(["headrace", "headrace-get"], Protocol(warmup=0.1), lambda _n, _what: nullcontext())
    assert result.document["protocol"]["groups"] == 6
    assert result.document["protocol"]["order"] == "as recorded, frame by frame"
    assert [result.document["methods"][name]["hr@20"] for name in ("headrace", "headrace-get")] == [0.0, 0.0]


def test_repeats_leave_out_the_last_item_of_the_same_user(tmp_path: Path) -> None:
    shop = Shop(ONE)
    shop.tell([Row("u", "a", 1), Row("v", "b", 2)])
    shop.tell([Row("v", "b", 3), Row("u", "b", 4), Row("v", "a", 5)])
    log = log_of(shop, tmp_path / "shop.frames")
    plan = plan_test(log, Protocol(warmup=0.4, repeats=True))
    assert plan.targets.tolist() == [3, 4]
    assert plan.start.tolist() == [2, 2]


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(evaluate, [*map(str, arguments)])
    return done.exit_code, done.output + (str(done.exception) if isinstance(done.exception, HeadraceError) else "")


def test_the_command_writes_figures_and_the_lists_of_a_sample(tmp_path: Path) -> None:
    shop, path, figures = busy(), tmp_path / "shop.frames", tmp_path / "figures.json"
    shop.record(path)
    written = []
    for out in ("one", "other"):
        status, said = run(
            "--frames", path, "--json", figures, "--no-times", "--lists", tmp_path / out, "--users", 12, "--seed", 3
        )
        assert (status, "lists of 12 users" in said) == (0, True), said
        written.append((tmp_path / out).read_bytes())
    assert written[0] == written[1]
    found = json.loads(figures.read_bytes())
    frames = sum(len(shop.log.records[FRAMES, n]) for n in range(2))
    assert found["data"] | {"name": "shop.frames", "frames": frames, "generation": 1} == found["data"]
    assert list(found["methods"]) == ["headrace", "headrace-get"]
    assert found["methods"]["headrace"]["hr@20"] > 0.2
    everyone = {one.user_id: one for one in lists(path)}
    made = [json.loads(line) for line in written[0].splitlines()]
    assert made == [msgspec.to_builtins(everyone[one["user_id"]]) for one in made]
    assert len({one["user_id"] for one in made}) == 12


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "FILES, or --frames"),
        (["shop.csv", "--frames", "{}"], "FILES, or --frames"),
        (["shop.csv", "--against-redis", "--lists", "x"], "--against-redis, --lists: for a recording"),
        (["--frames", "{}", "--items", "x", "--upto", "0.5"], "--items, --upto: for FILES alone"),
        (["--frames", "{}", "--methods", "popularity"], "no method popularity on a recording"),
        (["--frames", "{}", "--methods", ","], "no method"),
    ],
)
def test_what_does_not_go_together_is_said(tmp_path: Path, arguments: list[str], said: str) -> None:
    path = tmp_path / "shop.frames"
    busy(16).record(path)
    status, output = run(*(argument.format(path) for argument in arguments))
    assert status != 0
    assert said in output


def test_other_settings_fold_into_something_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "shop.frames"
    busy(16).record(path)
    monkeypatch.setenv("HEADRACE_PROFILES_HISTORY", "7")
    status, said = run("--frames", path)
    assert status != 0
    assert "recorded" not in said
    assert "made under other settings" in said


def test_a_ranker_whose_beginning_is_lost_is_not_compared(tmp_path: Path) -> None:
    shop, path = busy(80), tmp_path / "shop.frames"
    shop.log.first[EXAMPLES, 0] = 2
    shop.record(path)
    status, said = run("--frames", path, "--against-redis")
    assert status != 0
    assert "lacks the first 2 records of examples" in said
    assert run("--frames", path)[0] == 0


def test_a_delta_that_nothing_here_makes_is_said(tmp_path: Path) -> None:
    path = tmp_path / "shop.frames"
    empty = frame_of([Row("u", "a", kind="search")])
    header = Header(RECORDING_VERSION, 1, fingerprint(ONE), 1, 1, [2], 0)
    with RecordingWriter(path, header) as file:
        file.write(RecordedFrame(0, 0, 1, encode_frame(frame_of([Row("u", "a")], first_offset=50))))
        file.write(RecordedFrame(0, 1, 2, encode_frame(empty)))
        file.write(RecordedDelta(0, 0, 0, 1))
    with pytest.raises(HeadraceError, match="frames/0 offset 1 made a delta for item-deltas/0 where it was recorded"):
        lists(path, ONE)
