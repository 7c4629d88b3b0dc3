"""Cycles are looked for seldom, but still found."""

import subprocess
import sys

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
