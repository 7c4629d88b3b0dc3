"""A simulated storefront as messages: its catalogue first, then its events as they arrive."""

from collections.abc import Iterator

from services.producers.catalogue import encode_item
from services.producers.records import UNPACED, Outgoing, encode
from services.producers.simulator.faults import corrupt
from services.producers.simulator.stream import Storefront, arrivals
from services.producers.simulator.world import item_record
from shared.contracts.topics import ITEM


def catalogue(front: Storefront) -> Iterator[Outgoing]:
    """Items that appear later are announced in time order with the rest: their ``published_at`` says when."""
    for number in range(front.parameters.items):
        record = item_record(front.world.items, number)
        yield Outgoing(ITEM, record.item_id.encode(), encode_item(record), UNPACED)


def messages(front: Storefront) -> Iterator[Outgoing]:
    """The events by arrival, which also paces them; broken ones are broken here."""
    for arrival in arrivals(front):
        record = arrival.record
        yield Outgoing(record.type, record.user.encode(), corrupt(encode(record), arrival.fault), arrival.at)
