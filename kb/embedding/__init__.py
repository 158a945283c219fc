"""Encode text as vectors."""

import os

# OpenMP reads this when torch is loaded, which happens later. Idle threads sleep instead of spinning: on a busy machine
# spinning takes up to ten times as long, on a quiet one sleeping has no measurable cost.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
