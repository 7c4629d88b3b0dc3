"""Cycles are looked for seldom, but still found."""

import gc
import subprocess
import sys

import pytest

from shared.adapters.garbage import not_looking

SCENE = """
import gc
from shared.adapters.garbage import MORE, look_seldom

class Node:
    pass

looks = []
gc.callbacks.append(lambda phase, info: looks.append(phase))
gc.disable()
look_seldom()
assert gc.isenabled()
looks.clear()
batch = [(n,) for n in range(MORE // 2)]
print(len(looks), gc.get_freeze_count() > 0)
freed = 0
for n in range(3 * MORE):
    node = Node()
    node.itself = node
print(sum(isinstance(held, Node) for held in gc.get_objects()) < 2 * MORE)
"""


def test_what_holds_itself_is_freed_but_a_batch_is_not_looked_through() -> None:
    said = subprocess.run([sys.executable, "-c", SCENE], check=True, stdout=subprocess.PIPE, text=True).stdout
    assert said.split() == ["0", "True", "True"]


@pytest.mark.parametrize("looked", [True, False])
def test_nothing_is_looked_through_meanwhile_and_then_all_is_as_before(looked: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if looked else gc.disable)()
        with not_looking():
            assert not gc.isenabled()
        assert gc.isenabled() is looked
    finally:
        (gc.enable if before else gc.disable)()


def test_it_is_as_before_after_an_error_too() -> None:
    with pytest.raises(KeyError), not_looking():
        raise KeyError
    assert gc.isenabled()
