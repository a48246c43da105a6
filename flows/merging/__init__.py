"""Merging incidents: the younger closes into the older, no row moves, and the earliest anchor wins."""
