"""Gather themes of which the same passages speak."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from kb.embedding.arrays import Vectors, normalise

THEMES_EACH = 7  # themes of a cluster, about
MOST_CLUSTERS = 15


def cluster_columns(odds: Vectors) -> list[list[int]]:
    """Gather the columns whose log odds rise and fall together; `odds` has shape (passages, themes)."""
    count = odds.shape[1]
    if count < 2 or len(odds) < 2:
        return [[column] for column in range(count)]
    from sklearn.cluster import AgglomerativeClustering  # takes a second to import

    # The squared distance of centred columns of length 1 is 2 less twice their correlation.
    centred = normalise((odds - odds.mean(axis=0)).T)
    clusters = min(MOST_CLUSTERS, max(1, round(count / THEMES_EACH)))
    labels = AgglomerativeClustering(n_clusters=clusters, linkage="ward").fit_predict(centred)
    found: dict[int, list[int]] = defaultdict(list)
    for column, label in enumerate(np.asarray(labels).tolist()):
        found[label].append(column)
    return list(found.values())
