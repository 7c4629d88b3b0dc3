"""Kernels that count no references give no array away and are given none by one that they call: it would be freed too
early or never. That they make none numba itself sees to.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import services
import shared

FOLDERS = [Path(package.__file__ or "").parent for package in (shared, services)]
NUMBER = r"(?:int|float|bool|np\.u?int\d+|np\.float\d+)"
NO_ARRAY = re.compile(rf"None|{NUMBER}|tuple\[{NUMBER}(, {NUMBER})*\]")
Name = tuple[str, str]


class Kernel(NamedTuple):
    """A module and a name; how it is compiled; whether it returns an array, or what may hold one; what it calls."""

    name: Name
    by: str
    gives: bool
    calls: set[Name]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(FOLDERS[0].parent).with_suffix("").parts)


def kernels_of(module: str, text: str) -> Iterator[Kernel]:
    tree = ast.parse(text)
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module]
    home = {name.name: str(node.module) for node in imports for name in node.names}
    for function in tree.body:
        if isinstance(function, ast.FunctionDef):
            decorators = {by.id for by in function.decorator_list if isinstance(by, ast.Name)}
            called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
            calls = {(home.get(node.id, module), node.id) for node in called if isinstance(node, ast.Name)}
            returned = "" if function.returns is None else ast.unparse(function.returns)
            for by in decorators & {"kernel", "making_kernel", "short_kernel"}:
                yield Kernel((module, function.name), by, not NO_ARRAY.fullmatch(returned), calls)


def wrong(kernels: list[Kernel]) -> set[Name]:
    givers = {kernel.name for kernel in kernels if kernel.gives}
    return {kernel.name for kernel in kernels if kernel.by == "kernel" and (kernel.gives or kernel.calls & givers)}


def test_no_array_is_given_away_or_taken() -> None:
    modules = [path for folder in FOLDERS for path in sorted(folder.rglob("*.py"))]
    kernels = [kernel for path in modules for kernel in kernels_of(module_of(path), path.read_text())]
    assert sum(kernel.by == "kernel" for kernel in kernels) > 100
    assert wrong(kernels) == set()


def test_it_would_be_seen() -> None:
    giving = "@{}\ndef a() -> Ints: ...\n"
    taking = "from one import a\n@{}\ndef b() -> None: a()\n@kernel\ndef c() -> tuple[int, float]: ..."
    for by, bad in (("kernel", {("one", "a"), ("two", "b")}), ("making_kernel", set())):
        assert wrong([*kernels_of("one", giving.format(by)), *kernels_of("two", taking.format(by))]) == bad
