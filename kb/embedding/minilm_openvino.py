"""Run the carried model's layers with OpenVINO in whole numbers of 8 bits, where it is installed (the extra `fast`).

Weights are rounded once, by row; what goes into a layer is rounded as it comes, by groups of values, so that nothing
needs to be measured beforehand and nothing is kept on disk. Vectors stay within a cosine of about .999 of the exact
ones: near enough that both may lie in one store.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.arrays import Vectors
from kb.embedding.minilm import Dense, Layer, MiniLM, Norm

# Importing OpenVINO tells its makers so, over the network, unless the package that would do it cannot be imported.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # which Python reads as: is not there

import openvino  # noqa: E402  # after the line above
from openvino import opset13 as ops  # noqa: E402

LEVELS = 127  # of a signed byte
GROUP = "128"  # values of a word piece that are rounded together: 384 are 5% faster, and half as true
Node = Any  # of OpenVINO's graph: its own annotations are loose


class AcceleratedMiniLM:
    """The model's layers, compiled for this processor; what comes before them stays with torch."""

    def __init__(self, exact: MiniLM) -> None:
        self._exact = exact
        core = openvino.Core()
        has_short = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        settings = {
            "INFERENCE_NUM_THREADS": str(os.cpu_count() or 1),
            "PERFORMANCE_HINT": "LATENCY",  # all threads on one batch
            "INFERENCE_PRECISION_HINT": "bf16" if has_short else "f32",  # of what is left of floating point
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP,
        }
        self._compiled = core.compile_model(_build_graph(exact), "CPU", settings)

    def run(self, texts: Sequence[Sequence[int]]) -> list[Vectors]:
        """Of each text's word pieces, special ones included, their vectors: shape (word pieces, dimensions)."""
        lengths = [len(pieces) for pieces in texts]
        is_filled = np.arange(max(lengths)) < np.array(lengths)[:, np.newaxis]
        rows = np.zeros((*is_filled.shape, self._exact.width), dtype=np.float32)
        rows[is_filled] = self._exact.embed(texts).numpy()
        request = self._compiled.create_infer_request()  # one a call: threads may share the model
        made: NDArray[np.float32] = request.infer([rows, is_filled[:, np.newaxis, np.newaxis]])[0]
        return [made[number, :length].copy() for number, length in enumerate(lengths)]


def _build_graph(exact: MiniLM) -> openvino.Model:
    rows = ops.parameter([-1, -1, exact.width], np.float32, "rows")
    is_filled = ops.parameter([-1, 1, 1, -1], np.bool_, "is_filled")
    made: Node = rows
    for layer in exact.layers:
        made = _add_layer(made, is_filled, layer, exact.heads)
    return openvino.Model([ops.result(made)], [rows, is_filled], "minilm")


def _add_layer(rows: Node, is_filled: Node, layer: Layer, heads: int) -> Node:
    mixed = _mix(_multiply(rows, layer.qkv), is_filled, heads)
    met = _normalise(ops.add(_multiply(mixed, layer.attention_output), rows), layer.norm)
    widened = ops.gelu(_multiply(met, layer.intermediate), "erf")
    return _normalise(ops.add(_multiply(widened, layer.output), met), layer.last_norm)


def _mix(attended: Node, is_filled: Node, heads: int) -> Node:
    """Self-attention, each text within itself; from shape (texts, word pieces, 3 x dimensions)."""
    apart = ops.reshape(attended, np.array([0, 0, 3, heads, -1]), special_zero=True)
    parts = ops.split(ops.transpose(apart, np.array([2, 0, 3, 1, 4])), np.array(0), 3).outputs()
    queries, keys, values = (ops.squeeze(part, np.array([0])) for part in parts)
    mixed = ops.scaled_dot_product_attention(queries, keys, values, is_filled)
    return ops.reshape(ops.transpose(mixed, np.array([0, 2, 1, 3])), np.array([0, 0, -1]), special_zero=True)


def _multiply(rows: Node, dense: Dense) -> Node:
    weight = dense.weight.numpy()
    scale = np.abs(weight).max(axis=1, keepdims=True) / LEVELS
    rounded = ops.constant(np.rint(weight / scale).astype(np.int8))
    restored = ops.multiply(ops.convert(rounded, np.float32), ops.constant(scale.astype(np.float32)))
    return ops.add(ops.matmul(rows, restored, transpose_a=False, transpose_b=True), _constant(dense.bias))


def _normalise(rows: Node, norm: Norm) -> Node:
    even = ops.mvn(rows, np.array([-1]), normalize_variance=True, eps=norm.epsilon, eps_mode="inside_sqrt")
    return ops.add(ops.multiply(even, _constant(norm.weight)), _constant(norm.bias))


def _constant(values: Any) -> Node:
    return ops.constant(values.numpy())
