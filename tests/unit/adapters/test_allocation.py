"""The sizes of glibc's allocator can be fixed; what is freed after it is given back."""

import platform
import subprocess
import sys

import pytest

SCENE = """
import numpy as np, psutil
from shared.adapters.allocation import give_back
assert give_back()
me = psutil.Process()
for _ in range(2):  # of a second round the sizes were given back once: by itself glibc would keep them from then on
    before, kept, arrays = me.memory_info().rss, [], []
    for n in range(100):
        arrays.append(np.ones(2_000_000, dtype=np.uint8))
        kept.append(bytes(2000))
    arrays.clear()
    print(me.memory_info().rss - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_what_is_freed_is_given_back() -> None:
    said = subprocess.run([sys.executable, "-c", SCENE], check=True, stdout=subprocess.PIPE, text=True).stdout
    assert all(int(left) < 10_000_000 for left in said.split())
