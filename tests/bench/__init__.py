"""How much a sweep takes: measured and printed, never judged."""
