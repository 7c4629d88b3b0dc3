"""Of what users chose in a frame, examples for whoever learns: as it stood in sight of the lists before the frame."""

import numpy as np

from shared.contracts.examples import EXAMPLES_VERSION, Examples
from shared.contracts.sections import ListSettings
from shared.core.arithmetic.distinct import grouped
from shared.core.kernel import Floats
from shared.core.lists.audience import users_of
from shared.core.lists.example_rows import Choices, Sample
from shared.core.lists.list_maker import ListMaker
from shared.core.profiles.choices import Chosen
from shared.core.profiles.profile_state import ProfileState
from shared.core.profiles.taste_steps import Sequences


def taught(
    chosen: Chosen,
    met: Sequences,
    state: ProfileState,
    maker: ListMaker,
    rules: ListSettings,
    source: tuple[int, int],
) -> Examples:
    """Of the frame at ``source`` (partition, offset), which ``state`` does not include yet."""
    maker.cache.trim()
    unique, first, back = grouped(chosen.user)
    audience = users_of(state, unique, maker.cache, rules)
    choices = Choices(back.astype(np.int32), maker.cache.slots_keyed(chosen.item.keys, chosen.item), chosen.draw)
    return examples(maker.sample(audience, chosen.ts[first], choices), chosen.weight, met, *source)


def examples(of: Sample, weights: Floats, met: Sequences, partition: int, offset: int) -> Examples:
    """Of choices of these ``weights``; what was no candidate is counted as missed. Beside them what users met after
    what.
    """
    made = of.sizes > 0
    kept = np.arange(of.rows.shape[1]) < of.sizes[:, None]
    return Examples(
        EXAMPLES_VERSION,
        partition,
        offset,
        of.rows.shape[2],
        int(len(made) - made.sum()),
        of.sizes[made].astype("<i4").tobytes(),
        of.segments[made].astype("<i4").tobytes(),
        weights[made].astype("<f4").tobytes(),
        of.candidates[made].astype("<i4").tobytes(),
        of.rows[kept].astype("<f2", copy=False).tobytes(),
        met.items,
        *(column.astype("<i4").tobytes() for column in (met.lengths, met.steps, met.sequence)),
    )
