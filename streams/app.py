"""The worker: wires the steps to Faust agents, one per topic. ``headrace worker`` runs it.

Faust brings group membership, assignment and delivery; of its parts only those are used that were found sound: no
tables, no web server, raw values, explicit acknowledgement. Nothing escapes an agent: an error ends the process, and
starting again is the recovery.
"""

import asyncio
import os
import sys
import traceback
from collections.abc import Awaitable, Sequence
from functools import partial
from typing import Any, cast

import faust
import structlog

from shared.adapters import metrics
from shared.adapters.allocation import give_back
from shared.adapters.clock import passed_ms
from shared.adapters.garbage import look_seldom
from shared.adapters.kafka_clients import FETCH_BYTES, exact_producer
from shared.adapters.kafka_topics import ensure_topics
from shared.adapters.log_reader import PartitionLog
from shared.adapters.logs import configure_logging, end
from shared.adapters.rank_reader import RankReader, items_at_hand
from shared.adapters.redis_views import ViewStore
from shared.adapters.skip_log import skipped_offsets
from shared.contracts.errors import HeadraceError
from shared.contracts.settings import Settings, load_settings
from shared.contracts.topics import group_name
from shared.contracts.views import HELD, Keys
from shared.core.lists.list_maker import ListMaker
from shared.core.warming import compile_kernels
from streams.hosting.checkpoints import Checkpoints
from streams.hosting.faust_consumer import WorkerTransport
from streams.hosting.fold import arrived_ms
from streams.hosting.host import Host
from streams.hosting.inbox import Arrival
from streams.hosting.kafka_access import credentials
from streams.hosting.no_tables import AppWithoutFolders, NoTables
from streams.hosting.pulse import PulseWriter
from streams.hosting.rebuilding import Rebuilding
from streams.hosting.waiting import waiting
from streams.out.delivery import Delivery
from streams.out.view_thread import Behind
from streams.steps.batch_lists import BatchListsStep
from streams.steps.items import ItemsStep
from streams.steps.learner import LearnerStep
from streams.steps.ports import Ports
from streams.steps.profiles import ProfilesStep
from streams.steps.step import Step
from streams.steps.tops import TopsStep

log = structlog.get_logger()
PULSE_S = 1.0
REQUEST_S = 90.0  # in which the broker has to answer its consumer
ASKING_S = 86_400.0
"""Without a question for records until it leaves its group. Whoever folds a long log asks for none; whether it lives is
told by heartbeats.
"""
SWITCH_S = 0.0002
"""Kernels run without the interpreter's lock and take it again often; whoever writes views has it then. By default it
may keep it for 5 ms each time."""
STEPS = (ProfilesStep, ItemsStep, TopsStep, LearnerStep, BatchListsStep)


def build_ports(settings: Settings, *, held: bool = False) -> Ports:
    """The outside of a worker; ``held``: a rebuild has it publish nothing, until it hears otherwise."""
    views, at_hand = ViewStore(settings, notes_servers=True), items_at_hand(settings)
    return Ports(
        settings=settings,
        delivery=Delivery(exact_producer(settings.kafka)),
        views=views,
        keys=Keys(settings),
        maker=ListMaker(settings, RankReader(views, settings, at_hand), passed_ms),
        silent=held,
        writing=Behind(),
        at_hand=at_hand,
    )


def _faust_app(settings: Settings) -> faust.App:
    """Faust with only those of its parts that were found sound."""
    session_s = settings.kafka.session_timeout_ms / 1000
    app = AppWithoutFolders(
        group_name(settings, "worker"),
        broker=[f"kafka://{server.strip()}" for server in settings.kafka.bootstrap_servers.split(",")],
        broker_credentials=credentials(settings.kafka.client),
        store="memory://",
        consumer_auto_offset_reset="earliest",
        consumer_group_instance_id=settings.kafka.instance_id or None,
        topic_partitions=1,
        topic_disable_leader=True,
        stream_wait_empty=False,
        web_enabled=False,
        TableManager=NoTables,
        broker_session_timeout=session_s,
        broker_heartbeat_interval=session_s / 6,
        broker_max_poll_interval=ASKING_S,
        broker_request_timeout=max(REQUEST_S, session_s),  # Faust takes no shorter one
        broker_commit_interval=1.0,
        stream_buffer_maxsize=16,
        consumer_max_fetch_size=FETCH_BYTES,
    )
    app.transport = WorkerTransport(app.conf.broker_consumer, app)
    return app


def build_app(settings: Settings, ports: Ports, steps: Sequence[type[Step]] = STEPS) -> faust.App:
    """The worker's app: an agent per step, the assignment handed to the host, a turn and a pulse again and again."""
    app = _faust_app(settings)
    by_topic = {ports.topic(step.topic): step for step in steps}
    for_turns, for_rebuilding = (PartitionLog(settings.kafka, group_name(settings, "worker")) for _ in range(2))
    checkpoints = Checkpoints(ports, for_rebuilding)
    decided = partial(skipped_offsets, for_rebuilding, settings)
    rebuilding = Rebuilding(ports, dict(by_topic), for_rebuilding, checkpoints, decided)
    host = Host(ports, rebuilding, for_turns, checkpoints)
    for topic, step in by_topic.items():
        _add_agent(app, host, topic, step.topic)
    _hand_assignment_on(app, host, ports, set(by_topic))
    _add_tasks(app, host, PulseWriter(ports))
    return app


def _hand_assignment_on(app: faust.App, host: Host, ports: Ports, topics: set[str]) -> None:
    async def on_assigned(_app: Any, assigned: Any, **_: Any) -> None:
        partitions = {(tp.topic, tp.partition) for tp in assigned if tp.topic in topics}
        log.info("assigned", partitions=len(partitions))
        app.loop.create_task(_or_end(host.assign(partitions)))

    async def on_revoked(_app: Any, revoked: Any, **_: Any) -> None:
        await _or_end(host.hand_over({(tp.topic, tp.partition) for tp in revoked}))

    async def on_before_shutdown(_app: Any, **_: Any) -> None:
        ports.views.hurry()  # what Redis cannot take now the next owner makes again, from the log
        await _or_end(host.leave())

    app.on_partitions_assigned.connect(cast("Any", on_assigned))
    app.on_partitions_revoked.connect(cast("Any", on_revoked))
    app.on_before_shutdown.connect(cast("Any", on_before_shutdown))


def _add_tasks(app: faust.App, host: Host, pulse: PulseWriter) -> None:
    @app.task  # type: ignore[untyped-decorator]
    async def turn() -> None:
        while not app.should_stop:
            await _or_end(host.turn())

    @app.task  # type: ignore[untyped-decorator]
    async def beat() -> None:
        while not app.should_stop:
            await asyncio.sleep(PULSE_S)
            await _or_end(asyncio.to_thread(pulse.beat, waiting(app.consumer.highwater, host.offsets())))


def _add_agent(app: faust.App, host: Host, topic: str, name: str) -> None:
    channel = app.topic(topic, value_serializer="raw", key_serializer="raw")

    async def run(stream: Any) -> None:
        async for event in stream.noack().events():
            message = event.message
            place, arrived = (topic, message.partition), arrived_ms((message.timestamp or 0) * 1000)
            await host.offer(Arrival(place, message.offset, event.value or b"", event.ack, event.key or b"", arrived))

    app.agent(channel, name=name, concurrency=1)(run)


async def _or_end(work: Awaitable[None]) -> None:
    """Await, or end the process: Faust would acknowledge a record whose agent raised."""
    try:
        await work
    except asyncio.CancelledError:
        raise
    except HeadraceError as error:
        log.error("stopped", error=str(error), status=error.exit_status)  # noqa: TRY400 - one clear line
        _end(error.exit_status)
    except Exception:  # noqa: BLE001 - crash-only: whatever it is, it must not be acknowledged
        log.error("crashed", error=traceback.format_exc())  # noqa: TRY400
        _end(1)


def _end(status: int) -> None:
    os._exit(status)


def prepare_process() -> None:
    """How a worker's process takes memory and hands the interpreter over. Before arrays grow."""
    give_back()
    sys.setswitchinterval(SWITCH_S)


def run(app: faust.App) -> None:
    """Until a signal, or an error."""
    worker = faust.Worker(app, quiet=True, override_logging=False, redirect_stdouts=False)
    worker.spinner = None  # it would have every library's debug messages made, to turn with each
    worker.execute_from_commandline()


def main() -> None:
    """The process ``headrace worker``."""
    try:
        prepare_process()
        held = HELD in sys.argv[1:]
        del sys.argv[1:]  # Faust would read it
        settings = load_settings()
        configure_logging(settings.log, "worker")
        log.info("compiling kernels, or reading them from the cache")
        compile_kernels(settings)
        ensure_topics(settings)
        ports = build_ports(settings, held=held)
        app = build_app(settings, ports)
        log.info("started", metrics_port=metrics.serve_metrics(settings.metrics))
        look_seldom()
    except HeadraceError as error:
        end("worker", error)
    run(app)


if __name__ == "__main__":
    main()
