"""Models too large for HiGHS alone: a thinner relaxation, blocks, a certified bound, and plans."""
