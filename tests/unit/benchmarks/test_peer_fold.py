"""What the peers compute is what a shop can check by hand, so that their figures are of that work and no other."""

from benchmarks.peers.fold import count, recommended, remember


def test_a_history_moves_what_comes_again_to_its_end_and_keeps_the_newest() -> None:
    history: list[str] = []
    assert [remember(history, item, most=3, pairs=2) for item in "abcad"] == [
        [],
        ["a"],
        ["a", "b"],
        ["b", "c"],
        ["c", "a"],
    ]
    assert history == ["c", "a", "d"]


def test_a_row_has_a_bound_and_keeps_the_heaviest() -> None:
    row: dict[str, int] = {}
    for others in (["a"], ["a", "b"], ["a", "b", "c"], ["d"], ["e"]):
        count(row, others, most=2)
    assert row == {"a": 3, "b": 2}


def test_a_list_is_of_the_rows_of_the_newest_items_filled_with_what_is_popular() -> None:
    rows = {"a": {"x": 1, "b": 9}, "b": {"x": 1, "y": 3}, "old": {"z": 99}}
    listed = recommended(["old", "a", "b"], rows, [("x", 7), ("b", 6), ("p", 5)], recent=2, length=4)
    assert listed == [("y", 3.0), ("x", 2.0), ("p", 0.0)]
