"""Every way of counting a period: one pure function each, giving the instant and how it was found."""
