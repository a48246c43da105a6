"""Who is on duty: imported, shown, named where a role is; reminders, hand-over notes, the morning digest."""
