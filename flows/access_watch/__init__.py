"""The watch of access logs: what is new in them, read fast, counted, judged and raised as alerts."""
