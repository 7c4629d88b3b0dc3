"""Vectors of what records say in words: latent semantic analysis (S. Deerwester et al., "Indexing by Latent Semantic
Analysis", 1990), a model of the catalogue's own texts, so nothing is downloaded.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from numpy.typing import NDArray

from shared.contracts.catalogue import ItemRecord

DIMENSIONS = 64
MOST_TERMS = 100_000
LEAST_ITEMS = 2  # that have a term: what one has alone is like nothing
_TERM = re.compile(r"[^\W_]{2,}")

Vectors = NDArray[np.float32]
Doubles = NDArray[np.float64]


def words_of(record: ItemRecord) -> list[str]:
    """Of title, description, tags, brand and categories: runs of letters and digits, casefolded."""
    texts = (record.title, record.description, *record.tags, record.brand or "", *record.categories)
    return [term for text in texts for term in _TERM.findall(unicodedata.normalize("NFC", text.casefold()))]


def text_vectors(texts: Sequence[Sequence[str]], dimensions: int = DIMENSIONS) -> Vectors:
    """float32[n, dimensions]: each text's terms, by TF-IDF, along the directions in which texts differ most; 0 where
    there are fewer, and for a text without terms that another has. Equal texts in equal order give equal vectors.

    O(terms of all texts · dimensions) per step of the solver.
    """
    weighed = tf_idf(texts)
    vectors = np.zeros((len(texts), dimensions), dtype=np.float32)
    if min(weighed.shape) > 0:
        along = _along_directions(weighed, dimensions)
        vectors[:, : along.shape[1]] = along
    return vectors


def tf_idf(texts: Sequence[Sequence[str]]) -> scipy.sparse.csr_array:
    """float64[n, terms], rows of length 1 (or 0): (1 + ln count) · (1 + ln((1 + n) / (1 + texts with it)))."""
    counts = [Counter(text) for text in texts]
    held_by = Counter(term for counted in counts for term in counted)
    known = [term for term, held in held_by.most_common(MOST_TERMS) if held >= LEAST_ITEMS]
    column = {term: n for n, term in enumerate(known)}
    entries = [(row, column[t], n) for row, of in enumerate(counts) for t, n in of.items() if t in column]
    rows, columns, numbers = np.array(entries, dtype=np.int64).reshape(-1, 3).T
    rarity = 1.0 + np.log((1 + len(texts)) / (1.0 + np.array([held_by[term] for term in known])))
    weights = (1.0 + np.log(numbers)) * rarity[columns]
    lengths = np.sqrt(np.bincount(rows, weights**2, len(texts)))
    return scipy.sparse.csr_array((weights / lengths[rows], (rows, columns)), shape=(len(texts), len(known)))


def _along_directions(weighed: scipy.sparse.csr_array, dimensions: int) -> Doubles:
    """The strongest direction first; each points where its largest part is above 0."""
    if min(weighed.shape) > dimensions:
        _, _, directions = scipy.sparse.linalg.svds(weighed, k=dimensions, v0=np.ones(min(weighed.shape)))
        directions = directions[::-1]
    else:
        _, _, directions = np.linalg.svd(weighed.toarray(), full_matrices=False)
    largest = np.abs(directions).argmax(axis=1)
    directions = directions * np.sign(directions[np.arange(len(directions)), largest])[:, None]
    along: Doubles = weighed @ directions.T
    return along
