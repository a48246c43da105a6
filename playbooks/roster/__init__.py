"""Who is on duty for which role in which hours, as data: shifts, stand-ins, absences, gaps. Pure."""
