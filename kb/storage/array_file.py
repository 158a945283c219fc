"""Read the vectors of a backup: an archive of two arrays, whose headers are checked before memory is taken for them."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from kb.embedding.arrays import Vectors
from kb.storage.archive import forged
from kb.storage.chroma_rows import has_direction

MEMBERS = ["ids.npy", "vectors.npy"]


def read_arrays(path: Path, file: str) -> dict[str, Vectors]:
    """Read vectors by passage id. Raises BadBackup, which names the backup `file`."""
    with zipfile.ZipFile(path) as archive:
        if sorted(archive.namelist()) != MEMBERS:
            raise forged(file, "its vectors are not two arrays")
        ids, vectors = (_read_array(archive.getinfo(name), archive, file) for name in MEMBERS)
    if ids.dtype.kind != "U" or ids.ndim != 1 or vectors.dtype != np.float32 or vectors.ndim != 2:
        raise forged(file, "its vectors are of another type")
    if len(ids) != len(vectors) or not has_direction(vectors).all():
        raise forged(file, "its vectors are not one for each passage, or are no numbers")
    stored = dict(zip(ids.tolist(), vectors, strict=True))
    if len(stored) != len(ids):
        raise forged(file, "two of its vectors are of the same passage")
    return stored


def _read_array(entry: zipfile.ZipInfo, archive: zipfile.ZipFile, file: str) -> NDArray[Any]:
    """Read an array that lies in the archive as it is: it cannot be larger than that."""
    with archive.open(entry) as stream:
        if entry.compress_type != zipfile.ZIP_STORED or npy.read_magic(stream) != (1, 0):
            raise forged(file, "its vectors are packed in another way")
        shape, is_fortran, dtype = npy.read_array_header_1_0(stream)
        size = math.prod(shape) * dtype.itemsize
        if is_fortran or dtype.hasobject or min(shape, default=0) < 0 or size != entry.file_size - stream.tell():
            raise forged(file, "its vectors are not as long as they say")
        return np.frombuffer(stream.read(size), dtype).reshape(shape) if size else np.empty(shape, dtype)
