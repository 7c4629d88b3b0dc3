"""What a worker's Faust is told of access to Kafka is what librdkafka is told."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth

from shared.contracts.errors import SettingsError
from shared.contracts.settings import load_settings
from streams.app import _faust_app

SASL = {"sasl.mechanism": "SCRAM-SHA-256", "sasl.username": "shop", "sasl.password": "secret"}


def told(client: Mapping[str, str]) -> Mapping[str, Any]:
    """What the consumer of a worker with these settings connects with."""
    settings = load_settings(kafka={"client": dict(client)})
    return credentials_to_aiokafka_auth(_faust_app(settings).conf.broker_credentials)


def test_nothing_said_is_plain() -> None:
    assert told({"client.id": "shop"}) == {"security_protocol": "PLAINTEXT"}


def test_name_and_password() -> None:
    assert told(SASL | {"security.protocol": "SASL_PLAINTEXT"}) == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-256",
        "sasl_plain_username": "shop",
        "sasl_plain_password": "secret",
        "ssl_context": None,
    }


@pytest.mark.parametrize(
    ("more", "checks"),
    [
        ({}, (True, ssl.CERT_REQUIRED)),
        ({"ssl.endpoint.identification.algorithm": "none"}, (False, ssl.CERT_REQUIRED)),
        ({"enable.ssl.certificate.verification": "false"}, (False, ssl.CERT_NONE)),
    ],
)
@pytest.mark.parametrize("protocol", ["ssl", "sasl_ssl"])
def test_tls(protocol: str, more: dict[str, str], checks: tuple[bool, ssl.VerifyMode]) -> None:
    found = told(SASL | {"security.protocol": protocol} | more)
    assert found["security_protocol"] == protocol.upper()
    assert (found["ssl_context"].check_hostname, found["ssl_context"].verify_mode) == checks


@pytest.mark.parametrize(
    ("client", "why"),
    [
        ({"security.protocol": "tls"}, "security.protocol tls: a worker knows plaintext"),
        ({"security.protocol": "sasl_plaintext"}, "sasl.mechanism GSSAPI: a worker knows PLAIN"),
        ({"security.protocol": "ssl", "ssl.keystore.location": "a"}, "ssl.keystore.location: a worker knows"),
        ({"security.protocol": "ssl", "ssl.ca.location": "/none/ca.pem"}, "certificates or key: .*No such file"),
        ({"security.protocol": "ssl", "ssl.certificate.location": __file__}, "certificates or key"),
        ({"security.protocol": "ssl", "ssl.ca.pem": "no certificate"}, "certificates or key"),
    ],
)
def test_what_a_worker_cannot_do_is_a_wrong_setting(client: dict[str, str], why: str) -> None:
    with pytest.raises(SettingsError, match=r"kafka.client \(HEADRACE_KAFKA_CLIENT\): " + why):
        told(client)


def test_certificates_of_a_folder(tmp_path: Path) -> None:
    assert told({"security.protocol": "ssl", "ssl.ca.location": str(tmp_path)})["ssl_context"].get_ca_certs() == []
