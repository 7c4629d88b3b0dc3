"""Of what users chose in a frame, examples for whoever learns: as it stood in sight of the lists before the frame."""

import numpy as np

from shared.contracts.examples import Examples
from shared.contracts.sections import ListSettings
from shared.core.audience import users_of
from shared.core.choices import Chosen
from shared.core.distinct import grouped
from shared.core.list_maker import ListMaker
from shared.core.profile_state import ProfileState
from shared.core.ranking import Choices, examples
from shared.core.taste_steps import Sequences


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
    situation = maker.situation(audience, chosen.ts[first])
    choices = Choices(back.astype(np.int32), maker.cache.slots(chosen.item), chosen.weight, chosen.draw)
    return examples(situation, choices, met, *source)
