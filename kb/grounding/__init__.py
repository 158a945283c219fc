"""Is what was written in the passages?"""
