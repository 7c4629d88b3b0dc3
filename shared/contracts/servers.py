"""The settings of Kafka and Redis: where they are, and how they are reached."""

import re
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


OF_SETTINGS = {
    "bootstrap.servers": "bootstrap_servers",
    "metadata.broker.list": "bootstrap_servers",
    "session.timeout.ms": "session_timeout_ms",
    "group.instance.id": "instance_id",
}
"""librdkafka's options that are settings of their own."""
HEADRACES_OWN = {
    "group.id", "enable.auto.commit", "enable.auto.offset.store", "auto.offset.reset", "heartbeat.interval.ms",
    "partition.assignment.strategy", "group.protocol", "isolation.level", "enable.partition.eof",
    "fetch.message.max.bytes", "max.partition.fetch.bytes", "fetch.wait.max.ms", "fetch.min.bytes",
    "queued.max.messages.kbytes",
    "enable.idempotence", "enable.gapless.guarantee", "acks", "request.required.acks",
    "max.in.flight.requests.per.connection", "max.in.flight", "transactional.id", "transaction.timeout.ms",
    "compression.type", "compression.codec", "linger.ms", "queue.buffering.max.ms", "queue.buffering.max.kbytes",
    "message.max.bytes", "delivery.report.only.error", "logger",
}  # fmt: skip
"""Those that are set for each client by what it is for, with their other names. What is said of them would do nothing,
or break what exactness stands on.
"""


class KafkaSettings(Section):
    bootstrap_servers: str = Field("127.0.0.1:9092", description="host:port list of the cluster")
    replication_factor: int = Field(1, ge=1, le=16, description="of topics that Headrace creates")
    session_timeout_ms: int = Field(6000, ge=1000, description="a silent part loses its partitions after this")
    instance_id: str = Field("", description="unique: this member's place in its group outlives a quick restart")
    client: dict[str, str] = Field(default_factory=dict, description="more librdkafka settings, e.g. security.protocol")

    @field_validator("bootstrap_servers")
    @classmethod
    def names_servers(cls, servers: str) -> str:
        if not all(re.fullmatch(r"\s*[^\s,]+\s*", server) for server in servers.split(",")):
            raise ValueError("is no list like host:9092,other:9092")
        return servers

    @field_validator("client")
    @classmethod
    def says_what_nobody_else_says(cls, client: dict[str, str]) -> dict[str, str]:
        """A client that is not librdkafka's goes by the setting."""
        if both := sorted(client.keys() & OF_SETTINGS.keys()):
            raise ValueError(f"{both[0]} is said by kafka.{OF_SETTINGS[both[0]]}")
        if own := sorted(client.keys() & HEADRACES_OWN):
            raise ValueError(f"{own[0]} is set by Headrace itself, for each client what it needs")
        return client


class RedisSettings(Section):
    url: str = Field("redis://127.0.0.1:6379/0", description="where the views live")
    timeout_ms: int = Field(2000, ge=10, description="the write path waits this long for an answer")

    @field_validator("url")
    @classmethod
    def is_an_address(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            named = parts.port != 0 and re.fullmatch(r"/?|/[0-9]+/?", parts.path)
            right = parts.scheme == "unix" or (parts.scheme in {"redis", "rediss"} and named)
        except ValueError:  # of the port; its text may hold a part of the password
            right = False
        if not right:
            raise ValueError("is no address like redis://host:6379/0, rediss://… or unix://…")
        return url
