"""Every setting as a row: where it is set, what it is now, what it is by default, what it means."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from shared.contracts.settings import Settings, env_name

HIDDEN = "***"
_SECRET = re.compile(r"pass(word|phrase)|secret|token|\.key$|\.pem$|jaas|oauthbearer\.config$", re.IGNORECASE)
_OF_CLIENTS = "kafka"
"""The section whose tables have options by name, secret ones among them; others have ids and names of the shop's."""
_IN_URL = re.compile(r"((?<=://)[^/?#@:]*:)[^/?#]*(?=@)|([?&](?:ssl_)?password=)[^&]*")


@dataclass(frozen=True)
class Row:
    """``section`` is empty for the few settings that stand before any; values are plain JSON types."""

    section: str
    name: str
    value: Any
    default: Any
    description: str

    @property
    def env(self) -> str:
        return env_name([self.section, self.name] if self.section else [self.name])

    @property
    def changed(self) -> bool:
        return bool(self.value != self.default)


def rows(settings: Settings) -> Iterator[Row]:
    """In the order of the settings' declaration; passwords hidden."""
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            for inner, inner_field in type(value).model_fields.items():
                yield _row(name, inner, getattr(value, inner), inner_field)
        else:
            yield _row("", name, value, field)


def _row(section: str, name: str, value: Any, field: FieldInfo) -> Row:
    default = field.get_default(call_default_factory=True, validated_data={})
    shown = HIDDEN if value and _SECRET.search(name) and isinstance(value, str) else _plain(value, section)
    return Row(section, name, shown, _plain(default), field.description or "")


def _plain(value: Any, section: str = "") -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, dict):
        hides = section == _OF_CLIENTS
        return {key: HIDDEN if hides and _SECRET.search(key) else _plain(inner) for key, inner in value.items()}
    return _IN_URL.sub(rf"\1\2{HIDDEN}", value) if isinstance(value, str) else value
