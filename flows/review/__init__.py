"""The post-incident report: gathered within a scope, built by pure functions, written as two files."""
