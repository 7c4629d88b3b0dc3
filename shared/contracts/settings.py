"""All settings: from the environment (``HEADRACE_…``) over one TOML file over these defaults.

``HEADRACE_KAFKA_BOOTSTRAP_SERVERS`` is ``bootstrap_servers`` of ``[kafka]``; ``HEADRACE_CONFIG`` names the
TOML file (``headrace.toml`` of the working folder, if there is one). ``headrace settings`` prints them all.
"""

import json
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_origin

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource
from pydantic_settings.exceptions import SettingsError as UnreadableError

from shared.contracts.errors import SettingsError
from shared.contracts.event_types import Meaning
from shared.contracts.sections import (
    CollectorSettings,
    CooccurrenceSettings,
    EventSettings,
    IdentitySettings,
    IngestSettings,
    ListSettings,
    LogSettings,
    MetricsSettings,
    PopularitySettings,
    ProfileSettings,
    RankerSettings,
    ReaderSettings,
    RerankSettings,
    TickSettings,
    TopicSettings,
)
from shared.contracts.servers import KafkaSettings, RedisSettings, Section
from shared.contracts.topic_names import BEGINNINGS

DEFAULT_FILE = "headrace.toml"
NO_TENANT = "headrace"  # stands in names that Kafka shares out by, where there is no tenant
KINDS_OF_KEYS = {
    "rec", "batch", "sim", "row", "stat", "item", "model", "trending", "ztrending", "popular", "new", "told", "shown",
    "removed", "published", "rebuilding", "crashes", "pulse",
}  # fmt: skip
"""What Redis keys begin with where there is no tenant, before the first colon."""
_IN_JSON = {dict, list, tuple}
# where this file is; where the embedded stack lives; where its jars are cached
NOT_SETTINGS = {"HEADRACE_CONFIG", "HEADRACE_HOME", "HEADRACE_JARS"}


class Settings(BaseSettings):
    """Every setting of every part. Frozen; built once by a composition root and passed on."""

    model_config = SettingsConfigDict(
        env_prefix="HEADRACE_", env_nested_delimiter="_", env_nested_max_split=1, extra="forbid", frozen=True
    )

    tenant: str = Field("", pattern=r"^[a-z0-9-]{0,32}$", description="prefix of topics, groups and Redis keys")
    generation: int = Field(1, ge=1, le=999_999, description="of state and views; a rebuild takes the next")
    kafka: KafkaSettings = KafkaSettings()
    redis: RedisSettings = RedisSettings()
    events: EventSettings = EventSettings()
    identity: IdentitySettings = IdentitySettings()
    topics: TopicSettings = TopicSettings()
    ingest: IngestSettings = IngestSettings()
    profiles: ProfileSettings = ProfileSettings()
    cooccurrence: CooccurrenceSettings = CooccurrenceSettings()
    popularity: PopularitySettings = PopularitySettings()
    ticks: TickSettings = TickSettings()
    lists: ListSettings = ListSettings()
    ranker: RankerSettings = RankerSettings()
    reader: ReaderSettings = ReaderSettings()
    rerank: RerankSettings = RerankSettings()
    collector: CollectorSettings = CollectorSettings()
    metrics: MetricsSettings = MetricsSettings()
    log: LogSettings = LogSettings()

    @field_validator("tenant")
    @classmethod
    def not_the_name_of_none(cls, tenant: str) -> str:
        if tenant == NO_TENANT:
            raise ValueError(f"{tenant!r} is what groups and transactional ids are named after without a tenant")
        if tenant in KINDS_OF_KEYS:
            raise ValueError(f"{tenant!r} is what Redis keys of one kind begin with where there is no tenant")
        if f"{tenant}." in BEGINNINGS:
            raise ValueError(f"{tenant!r} is what topics of Headrace's own begin with where there is no tenant")
        return tenant

    @model_validator(mode="after")
    def what_is_bought_is_owned(self) -> "Settings":
        for name in self.cooccurrence.bought:
            kind = self.events.types.get(name)
            if kind is not None and kind.meaning is not Meaning.OWN:
                raise ValueError(f"type {name!r} of cooccurrence.bought has meaning {kind.meaning}, not own")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = os.environ.get("HEADRACE_CONFIG", DEFAULT_FILE)
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file)


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; :class:`SettingsError` names each wrong one."""
    named = os.environ.get("HEADRACE_CONFIG")
    if named and not Path(named).is_file():
        raise SettingsError(f"HEADRACE_CONFIG names {named}, which is not a file")
    known = {f"HEADRACE_{name}".upper() for name in Settings.model_fields}
    for name in sorted(n for n in os.environ if n.startswith("HEADRACE_") and n not in NOT_SETTINGS):
        if not any(name == k or name.startswith(k + "_") for k in known):
            raise SettingsError(f"{name} is not a setting; `headrace settings` lists them")
    try:
        return Settings(**overrides)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{named or DEFAULT_FILE} is not TOML: {error}") from error
    except OSError as error:
        raise SettingsError(f"{named or DEFAULT_FILE} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise SettingsError("; ".join(map(_wrong, error.errors()))) from error
    except UnreadableError as error:
        raise SettingsError(f"{_not_json() or error} should hold JSON") from error


def env_name(place: Sequence[str]) -> str:
    """The environment variable of a setting: ``("kafka", "client")`` → ``HEADRACE_KAFKA_CLIENT``."""
    return "HEADRACE_" + "_".join(place).upper()


def _not_json() -> str:
    """The variables that should hold JSON and do not; the library names only their section."""
    given = [name for name in _json_variables() if name in os.environ]
    return ", ".join(name for name in given if not _is_json(os.environ[name]))


def _json_variables() -> Iterator[str]:
    """Of whole sections, of tables and of lists."""
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, Section):
            yield env_name([name])
            tables = (inner for inner, f in section.model_fields.items() if get_origin(f.annotation) in _IN_JSON)
            yield from (env_name([name, inner]) for inner in tables)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _wrong(error: Mapping[str, Any]) -> str:
    """One wrong setting: its place in the TOML file, its variable, what is wrong."""
    place = [str(part) for part in error["loc"]]
    what = "is not a setting" if error["type"] == "extra_forbidden" else error["msg"]
    return f"{'.'.join(place)} ({env_name(place[:2])}): {what}"
