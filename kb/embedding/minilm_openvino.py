"""Run the bundled model's layers with OpenVINO in 8-bit integers (the extra `fast`).

Weights are quantized once, by row; activations are quantized at run time, by groups of values, so that no calibration
is needed and no quantized model is stored on disk. The cosine to the exact vectors is about .999: close enough that
both may be in one store.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.embedding.arrays import Vectors
from kb.embedding.minilm import Dense, Layer, MiniLM, Norm

# Importing OpenVINO sends telemetry over the network, unless its telemetry package cannot be imported.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # makes its import fail

import openvino  # noqa: E402  # after telemetry is disabled
from openvino import opset13 as ops  # noqa: E402

LEVELS = 127  # maximum of a signed byte
GROUP = "128"  # activations quantized together: 384 is 5% faster, but half as accurate
Node = Any  # a node of OpenVINO's graph; its own annotations are imprecise


class AcceleratedMiniLM:
    """The model's layers, compiled for this processor; the embedding layer stays in torch."""

    def __init__(self, exact: MiniLM) -> None:
        self._exact = exact
        core = openvino.Core()
        has_short = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        settings = {
            "INFERENCE_NUM_THREADS": str(os.cpu_count() or 1),
            "PERFORMANCE_HINT": "LATENCY",  # use all threads for one batch
            "INFERENCE_PRECISION_HINT": "bf16" if has_short else "f32",  # of the remaining floating-point operations
            "DYNAMIC_QUANTIZATION_GROUP_SIZE": GROUP,
        }
        self._compiled = core.compile_model(_build_graph(exact), "CPU", settings)

    def run(self, texts: Sequence[Sequence[int]]) -> list[Vectors]:
        """Compute the vectors of each text's word pieces, special ones included: shape (word pieces, dimensions)."""
        lengths = [len(pieces) for pieces in texts]
        is_filled = np.arange(max(lengths)) < np.array(lengths)[:, np.newaxis]
        rows = np.zeros((*is_filled.shape, self._exact.width), dtype=np.float32)
        rows[is_filled] = self._exact.embed(texts).numpy()
        request = self._compiled.create_infer_request()  # one per call, so that threads can share the model
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
    """Self-attention within each text; input shape (texts, word pieces, 3 x dimensions)."""
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
