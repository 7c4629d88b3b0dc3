"""``rules.toml`` as it stands: read again when it changes. A wrong file leaves the rules that were there."""

from pathlib import Path

import structlog

from shared.adapters.metrics import RULES_WRONG
from shared.adapters.rules_file import read_rules
from shared.contracts.rules import RuleFile, RulesError, Spelling
from shared.contracts.settings import Settings
from shared.core.answers.rules import RuleBook

log = structlog.get_logger()


class Rules:
    """``book``: what holds; ``wrong``: why the file as it stands does not, empty if it does."""

    def __init__(self, settings: Settings) -> None:
        path = settings.rerank.rules
        self._spelling = Spelling.of(settings)
        self._path = Path(path) if path else None
        self._stamp: tuple[int, int, int] | None = None
        self.book = RuleBook(RuleFile())
        self.wrong = ""

    @property
    def count(self) -> int:
        """How many hold."""
        return sum(self.book.rules.counts().values())

    def refresh(self) -> None:
        """Look whether the file is another; without one there are no rules."""
        if self._path is None:
            return
        stamp = _stamp(self._path)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            rules = read_rules(self._path, self._spelling) if stamp is not None else RuleFile()
        except RulesError as error:
            self.wrong = str(error)
            RULES_WRONG.set(1)
            log.error("rules_wrong", file=self._path.name, line=error.line, error=error.detail)  # noqa: TRY400 - a line says it
            return
        self.book, self.wrong = RuleBook(rules), ""
        RULES_WRONG.set(0)
        log.info("rules_read", file=self._path.name, present=stamp is not None)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Changes when the file does; None without a file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
