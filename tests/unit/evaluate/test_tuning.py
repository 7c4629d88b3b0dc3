from services.evaluate.fill import HALF_LIVES, USUAL
from services.evaluate.method import Method, Parameters, Peer
from services.evaluate.past import Past
from services.evaluate.protocol import Protocol
from services.evaluate.tuning import passes, tune, untuned
from tests.unit.evaluate import logs
from tests.unit.evaluate.methods import Fixed, Together

PEER = Peer("together", Together, ({"sign": -1.0}, {"sign": 1.0}, {"sign": 2.0}))


def test_the_first_of_the_best_combinations_is_chosen_and_all_are_told() -> None:
    pairs = [logs.record(f"u{n // 2}", f"{'ab'[n % 2]}{n // 2 % 60}", n) for n in range(480)]  # too many for a list
    tuned = tune(logs.of(pairs), {"together": PEER}, Protocol(warmup=0.9))
    told = tuned.told["methods"]["together"]

    assert tuned.parameters == {"together": {"sign": 1.0}}
    assert told["chosen"] == {"sign": 1.0}
    assert [tried["sign"] for tried in told["tried"]] == [-1.0, 1.0, 2.0]
    rates = [tried["hr@20"] for tried in told["tried"]]
    assert rates[0] < 0.1
    assert rates[1] == rates[2] >= 0.5  # every second event is a user's first
    assert tuned.fill in HALF_LIVES
    assert len(tuned.told["fill"]["tried"]) == len(HALF_LIVES)


def test_the_warm_up_alone_is_learned() -> None:
    made: list[Fixed] = []

    def build(past: Past, parameters: Parameters, seed: int) -> Method:
        assert seed == 5
        made.append(Fixed(past, [int(parameters["item"] or 0)]))
        return made[-1]

    peer = Peer("fixed", build, ({"item": 0}, {"item": 1}))
    tune(logs.checkerboard(50), {"fixed": peer}, Protocol(warmup=0.5, seed=5))
    assert [method.learned for method in made] == [list(range(100))] * 2
    assert all(query.event >= 50 for method in made for query in method.queries)


def test_one_combination_needs_no_pass() -> None:
    def build(past: Past, parameters: Parameters, seed: int) -> Method:
        raise AssertionError((past, parameters, seed))

    single = {"one": Peer("one", build, ({"a": 1},))}
    assert tune(logs.checkerboard(50), single, Protocol()).parameters == {"one": {"a": 1}}
    assert passes(single) == 1
    assert passes({**single, "together": PEER}) == 2


def test_untuned_is_the_first_of_the_grid() -> None:
    choice = untuned({"together": PEER})
    assert choice.parameters == {"together": {"sign": -1.0}}
    assert choice.fill == USUAL


def test_a_warm_up_without_targets_chooses_the_first() -> None:
    log = logs.lines(*["u a"] * 40)
    assert tune(log, {"together": PEER}, Protocol()).parameters == {"together": {"sign": -1.0}}
