"""Whether the servers answer, asked in their own protocols."""


def kafka_answers(address: str, timeout: float) -> bool:
    """A metadata request names a broker."""
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    client = AdminClient(
        {"bootstrap.servers": address, "reconnect.backoff.ms": 50, "reconnect.backoff.max.ms": 200, "log_level": 0}
    )
    try:
        return bool(client.list_topics(timeout=timeout).brokers)
    except KafkaException:
        return False


def redis_answers(url: str, timeout: float) -> bool:
    """PING, PONG: not while it loads its file."""
    import redis

    try:
        with redis.Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
