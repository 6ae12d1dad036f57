"""What an operator sees: metrics and traces. Never what was said.

``table`` names every metric. A worker counts into ``samples``, which its reports carry to the parent; there ``meters``
holds the sums, so that a worker's end loses nothing and ``/metrics`` is one page.
"""
