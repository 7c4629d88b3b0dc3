"""A test on a recording: production's own frames, and what it had made of them."""

from pathlib import Path
from typing import Any

from services.evaluate.headrace import KINDS, Headrace
from services.evaluate.loading import Loaded
from services.evaluate.made_lists import MadeList, made_lists, sampled
from services.evaluate.methods import Own
from services.evaluate.protocol import Protocol
from services.evaluate.recorded_log import recorded_log
from services.evaluate.replayed import Replayed, settings_of
from services.evaluate.run import Progress, Result, evaluate
from services.recording.file import read_recording
from services.recording.order import ordered
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings

NAMES = ("default", "all", *KINDS)


def chosen(wanted: str) -> list[str]:
    """Of Headrace's own methods: peers know events, not frames. :class:`HeadraceError` for another name."""
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    unknown = [name for name in names if name not in NAMES]
    if unknown or not names:
        raise HeadraceError(
            f"no method {', '.join(unknown) or repr(wanted)} on a recording; there are: {', '.join(NAMES)}"
        )
    return [name for name in KINDS if name in names or {"default", "all"} & set(names)]


class FramesTest:
    """Raises :class:`HeadraceError` if the recording is none, or folds into something else under these settings, or is
    to be ``comparable`` with production and is not whole.
    """

    def __init__(self, path: Path, settings: Settings, *, comparable: bool) -> None:
        recording = read_recording(path)
        self.header = recording.header
        if comparable and self.header.examples_lost:
            raise HeadraceError(
                f"{path.name} lacks the first {self.header.examples_lost} records of examples, which were no longer "
                "kept: its ranker is not production's"
            )
        self.settings = settings_of(self.header, settings)
        steps = ordered(recording)
        recorded = recorded_log(path.name, steps, self.settings)
        self.loaded: Loaded = recorded.loaded
        self.told: dict[str, Any] = {
            "frames": len(recorded.ends),
            "generation": self.header.generation,
            "examples_lost": self.header.examples_lost,
        }
        self._production = Replayed(recorded, steps, self.settings)

    def run(self, methods: list[str], protocol: Protocol, progress: Progress) -> Result:
        """To the recording's end; once."""
        own = {name: self._on_frames(KINDS[name]) for name in methods}
        return evaluate(self.loaded, own, {}, protocol, self.settings, progress, tuned=False)

    def _on_frames(self, kind: type[Headrace]) -> Own:
        return lambda past, _settings, _protocol: kind(past, self._production)

    def lists(self, users: int, seed: int) -> list[MadeList]:
        """What a refresh would write, after :meth:`run`."""
        pipeline = self._production.pipeline
        return made_lists(pipeline, self.header, sampled(pipeline, users, seed))
