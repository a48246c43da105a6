"""What responders press, type and fill in in Slack: proved, judged and carried out as anywhere else."""
