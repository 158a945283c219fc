"""Text to vectors."""

import os

# Read by OpenMP when torch is loaded, which happens later. Threads that have nothing to do sleep instead of spinning:
# on a busy machine spinning costs up to ten times the time, on a quiet one sleeping costs nothing measurable.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
