"""Where metrics are served."""

import socket
from urllib.request import urlopen

import pytest

from shared.adapters.metrics import serve_metrics
from shared.contracts.errors import Unavailable
from shared.contracts.sections import MetricsSettings


def test_a_port_that_is_taken_is_said() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Unavailable, match=f"cannot serve /metrics on 127.0.0.1:{port}: Address already in use"):
            serve_metrics(MetricsSettings(host="127.0.0.1", port=port))


def test_a_free_port_is_found() -> None:
    port = serve_metrics(MetricsSettings(host="127.0.0.1", port=0))
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        assert answer.status == 200
