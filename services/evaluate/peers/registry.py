"""All peers, in the order of the report."""

from collections.abc import Callable

from services.evaluate.event_log import EventLog
from services.evaluate.method import Peer
from services.evaluate.peers.als import ALS, ALS_STALE
from services.evaluate.peers.bpr import BPR
from services.evaluate.peers.content import CONTENT
from services.evaluate.peers.cooccurrence import RECENCY, TRANSITIONS
from services.evaluate.peers.ease import EASE, EASE_STALE
from services.evaluate.peers.isgd import ISGD
from services.evaluate.peers.item_cf import COSINE_PEER, EUCLIDEAN_PEER, PEARSON_PEER
from services.evaluate.peers.nmf import NMF, NMF_STALE
from services.evaluate.peers.popularity import DECAYED, POPULARITY
from services.evaluate.peers.rules import MOST_READ_IN_TOPIC, PRICE_BAND, SAME_BRAND, SAME_CATEGORY
from services.evaluate.peers.stan import STAN
from services.evaluate.peers.svd import SVD, SVD_STALE
from services.evaluate.peers.tifu_knn import TIFU_KNN
from services.evaluate.peers.top_frequency import GP_TOPFREQ
from services.evaluate.peers.user_cf import USER_CF
from services.evaluate.peers.vmis_knn import VMIS_KNN, VSKNN
from shared.contracts.catalogue import ItemRecord

MOST_COMBINATIONS = 8
"""The tuning budget of every peer."""

PEERS: tuple[Peer, ...] = (
    POPULARITY,
    DECAYED,
    SAME_CATEGORY,
    PRICE_BAND,
    SAME_BRAND,
    MOST_READ_IN_TOPIC,
    CONTENT,
    COSINE_PEER,
    PEARSON_PEER,
    EUCLIDEAN_PEER,
    USER_CF,
    RECENCY,
    TRANSITIONS,
    VMIS_KNN,
    VSKNN,
    STAN,
    ISGD,
    BPR,
    SVD,
    SVD_STALE,
    NMF,
    NMF_STALE,
    ALS,
    ALS_STALE,
    EASE,
    EASE_STALE,
    GP_TOPFREQ,
    TIFU_KNN,
)

FOR_REPEATS = frozenset({"gp-topfreq", "tifu-knn"})
"""Peers that name what the user has already: of use only where repeats are allowed."""


def _categorised(record: ItemRecord) -> bool:
    return bool(record.categories)


def _branded(record: ItemRecord) -> bool:
    return bool(record.brand)


def _priced(record: ItemRecord) -> bool:
    return bool(record.price)


NEEDS: dict[str, Callable[[ItemRecord], bool]] = {
    "same-category-popular": _categorised,
    "price-band": _priced,
    "same-brand": _branded,
    "most-read-in-topic": _categorised,
    "content": _categorised,
}
"""What at least one record of the catalogue must have for a peer to say anything."""


def peers_for(log: EventLog) -> tuple[Peer, ...]:
    """Peers that can say something on this log, in order."""
    records = log.catalogue.values()
    return tuple(peer for peer in PEERS if peer.name not in NEEDS or any(map(NEEDS[peer.name], records)))


def default_names(log: EventLog, repeats: bool) -> tuple[str, ...]:
    """Peers that run unless methods are named; ``repeats``: whether lists may name what the user has."""
    return tuple(peer.name for peer in peers_for(log) if peer.default and (repeats or peer.name not in FOR_REPEATS))
