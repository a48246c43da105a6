"""The brief of an incident: one pinned message that is edited in place."""
