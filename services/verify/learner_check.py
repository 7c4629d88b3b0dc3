"""The `examples` partition: the learner's saved state, the ranker and the vectors that it published."""

from collections.abc import Callable

from services.verify.examples_replay import ExamplesReplay
from services.verify.published import version_in
from services.verify.saved_state import saved_learner
from services.verify.shop import Shop
from services.verify.states import of_learner
from shared.contracts.examples import decode_examples
from shared.contracts.rank_views import decode_ranker, decode_taste
from shared.contracts.topics import EXAMPLES
from shared.contracts.views import at


def check_learner(shop: Shop) -> None:
    """The ranker as of the record that it names. Examples are kept for some days only: a log that has lost its
    beginning cannot be replayed.
    """
    check = LearnerCheck(shop)
    first, end = shop.log.bounds(shop.topic(EXAMPLES), 0)
    if first:
        shop.findings.not_compared.append(f"the ranker: {first} records of its log are no longer kept")
    else:
        check.run(end)


class Published:
    """A view as it stood before the pass over the log, by its key; ``said``: what the replay says of it."""

    def __init__(self, shop: Shop, key: str, told: Callable[[bytes], object], said: Callable[[], object]) -> None:
        self._shop, self._key, self._told, self._said = shop, key, told, said
        [self._view] = shop.read([key])
        self._version = shop.decoded(key, self._view, version_in) or ""
        self._seen = False

    def check(self, offset: int) -> None:
        """It says what the replay does, as of the record that it names."""
        if self._view is None or self._version != at(self._shop.settings.generation, offset):
            return
        self._seen = True
        findings, told = self._shop.findings.of("ranker"), self._shop.decoded(self._key, self._view, self._told)
        findings.same(f"{self._key} as of {self._version}", self._said(), told)

    def check_version(self, last: int, *, due: bool) -> None:
        """It is of this generation and names a record that there is; after a refresh, if ``due``, the last one."""
        shop, findings = self._shop, self._shop.findings.of("ranker")
        if shop.refreshed and due:
            findings.same(f"version of {self._key}", at(shop.settings.generation, last), self._version)
        elif self._version.startswith(at(shop.settings.generation, 0)[:7]) and not self._seen:
            findings.missing(f"the record {self._version} of {shop.topic(EXAMPLES)}, which {self._key} includes")


class LearnerCheck:
    """One pass over the log; the views are read before it."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._replay = replay = ExamplesReplay(shop.settings)
        self._ranker = Published(shop, shop.keys.ranker(), _ranker, replay.said)
        self._taste = Published(shop, shop.keys.taste(), decode_taste, replay.said_of_taste)

    def run(self, end: int) -> None:
        """Learn and compare."""
        shop = self._shop
        saved, skipped, last = shop.saved(EXAMPLES, 0), shop.skipped(EXAMPLES, 0), -1
        for offset, value in shop.log.read(shop.topic(EXAMPLES), 0, 0, end, contiguous=False):
            if offset not in skipped:
                self._replay.fold(decode_examples(value))
            self._ranker.check(offset)
            self._taste.check(offset)
            if saved is not None and offset == saved.offset:
                shop.compare_states(EXAMPLES, of_learner(self._replay), saved_learner(shop.settings, saved.segments))
            last = offset
        self._ranker.check_version(last, due=self._replay.blend.learned > 0)
        self._taste.check_version(last, due=self._replay.said_of_taste() is not None)


def _ranker(raw: bytes) -> tuple[int, int, bytes]:
    view = decode_ranker(raw)
    return view.learned, view.rows, view.weights
