import socket

from services.stack.ports import EPHEMERAL, free_ports, is_free


def listening() -> socket.socket:
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()
    return server


def test_the_ports_of_last_time_come_again() -> None:
    first = free_ports([None, None, None])
    assert len(set(first)) == 3
    assert free_ports(first) == first


def test_a_port_that_is_taken_is_replaced() -> None:
    with listening() as server:
        taken = server.getsockname()[1]
        assert not is_free(taken)
        chosen = free_ports([taken])
    assert chosen != [taken]


def test_one_port_is_not_given_twice() -> None:
    (port,) = free_ports([None])
    first, second = free_ports([port, port])
    assert first == port
    assert second != port


def test_no_port_is_one_that_the_kernel_gives_to_clients() -> None:
    low = int(EPHEMERAL.read_text().split()[0]) if EPHEMERAL.exists() else 32_768
    assert all(port < low for port in free_ports([None] * 50))
