"""Incidents simulated by thousands: the plan as it is, responders as what is scarce, clocks as they count."""
