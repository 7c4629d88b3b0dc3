"""The parts of one machine, by module name, so that ``streams`` and ``services`` stay strangers."""

from collections.abc import Mapping

from services.ops.part import Part
from shared.adapters.starting import argv_of
from shared.contracts.settings import Settings

INGEST = "streams.ingest"
WORKER = "streams.app"
READER = "services.reader"
COLLECTOR = "services.collector"


def parts_of(settings: Settings, *, ingests: int, workers: int, reader: bool, collector: bool) -> list[Part]:
    """What ``headrace run`` keeps running. A set metrics port is the first of consecutive ones; 0 takes free ones.

    A set instance id is the first half of each ingest's and worker's own.
    """
    modules = [("ingest", INGEST)] * ingests + [("worker", WORKER)] * workers
    totals = {"ingest": ingests, "worker": workers}
    parts, seen = [], {"ingest": 0, "worker": 0}
    for number, (kind, module) in enumerate(modules):
        seen[kind] += 1
        name = kind if totals[kind] == 1 else f"{kind}-{seen[kind]}"
        port = settings.metrics.port + number if settings.metrics.port else 0
        place = settings.kafka.instance_id
        member = {"HEADRACE_KAFKA_INSTANCE_ID": f"{place}-{name}"} if place else {}
        parts.append(_part(name, module, "HEADRACE_METRICS_PORT", port, settings.metrics.host, member))
    if reader:
        parts.append(_part("reader", READER, "HEADRACE_READER_PORT", settings.reader.port, settings.reader.host))
    if collector:
        sizes = settings.collector
        parts.append(_part("collector", COLLECTOR, "HEADRACE_COLLECTOR_PORT", sizes.port, sizes.host))
    return parts


def _part(name: str, module: str, port_env: str, port: int, host: str, member: Mapping[str, str] | None = None) -> Part:
    return Part(name, argv_of(module), env=member or {}, port_env=port_env, port=port, host=host)
