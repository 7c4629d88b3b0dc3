"""What `HEADRACE_KAFKA_CLIENT` says of access to Kafka, for Faust's consumer: it does not read librdkafka's options."""

import ssl
from collections.abc import Mapping
from pathlib import Path

from faust.auth import Credentials, SASLCredentials, SSLCredentials

from shared.contracts.errors import SettingsError

PROTOCOLS = ("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
OF_SASL = {"sasl.mechanism", "sasl.mechanisms", "sasl.username", "sasl.password"}
OF_TLS = {
    "ssl.ca.location",
    "ssl.ca.pem",
    "ssl.certificate.location",
    "ssl.key.location",
    "ssl.key.password",
    "ssl.endpoint.identification.algorithm",
    "enable.ssl.certificate.verification",
}


def credentials(client: Mapping[str, str]) -> Credentials | None:
    """None where Kafka asks for none. :class:`SettingsError` if a worker cannot do what is said, or a file is wrong."""
    protocol = client.get("security.protocol", "plaintext").lower()
    if protocol not in PROTOCOLS:
        raise _wrong(f"security.protocol {protocol}: a worker knows {', '.join(PROTOCOLS)}")
    sasl, tls = protocol.startswith("sasl"), protocol.endswith("ssl")
    for name in client:
        of_access = name.startswith(("ssl.", "sasl.", "enable.ssl.", "enable.sasl.", "https.ca."))
        if (sasl or tls) and of_access and name not in OF_SASL | OF_TLS:
            raise _wrong(f"{name}: a worker knows {', '.join(sorted(OF_SASL | OF_TLS))} only")
    context = _context(client) if tls else None
    if not sasl:
        return SSLCredentials(context) if context else None
    mechanism = client.get("sasl.mechanism", client.get("sasl.mechanisms", "GSSAPI"))
    if mechanism not in MECHANISMS:
        raise _wrong(f"sasl.mechanism {mechanism}: a worker knows {', '.join(MECHANISMS)}")
    user, password = client.get("sasl.username"), client.get("sasl.password")
    return SASLCredentials(username=user, password=password, ssl_context=context, mechanism=mechanism)


def _context(client: Mapping[str, str]) -> ssl.SSLContext:
    where = client.get("ssl.ca.location")
    folder = where if where and Path(where).is_dir() else None
    try:
        context = ssl.create_default_context(
            cafile=None if folder else where, capath=folder, cadata=client.get("ssl.ca.pem")
        )
        if certificate := client.get("ssl.certificate.location"):
            context.load_cert_chain(certificate, client.get("ssl.key.location"), client.get("ssl.key.password", ""))
    except (OSError, ValueError) as error:  # no such file, none of its kind, another password
        raise _wrong(f"certificates or key: {error}") from error
    if client.get("ssl.endpoint.identification.algorithm") == "none":
        context.check_hostname = False
    if client.get("enable.ssl.certificate.verification", "true").lower() == "false":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _wrong(what: str) -> SettingsError:
    return SettingsError(f"kafka.client (HEADRACE_KAFKA_CLIENT): {what}")
