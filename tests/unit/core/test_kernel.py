"""Where compiled kernels are kept."""

import os
from pathlib import Path

from shared.core.kernel import CACHE, KEPT, cache_folder


def test_another_state_of_the_sources_has_a_cache_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "decay.py").write_text("a = 1")
    first = cache_folder(tmp_path, tmp_path)
    assert first.name.startswith(CACHE)
    assert cache_folder(tmp_path, tmp_path) == first
    (tmp_path / "decay.py").write_text("a = 2")
    second = cache_folder(tmp_path, tmp_path)
    (tmp_path / "decay.py").rename(tmp_path / "later.py")
    third = cache_folder(tmp_path, tmp_path)
    (tmp_path / "items").mkdir()
    (tmp_path / "later.py").rename(tmp_path / "items" / "later.py")
    assert len({first, second, third, cache_folder(tmp_path, tmp_path)}) == 4


def test_the_latest_few_are_kept(tmp_path: Path) -> None:
    made = []
    for state in range(KEPT + 3):
        (tmp_path / "decay.py").write_text(f"a = {state}")
        made.append(cache_folder(tmp_path, tmp_path))
        made[-1].mkdir()
        os.utime(made[-1], (state, state))
    assert [folder.exists() for folder in made] == [False] * 2 + [True] * (KEPT + 1)
