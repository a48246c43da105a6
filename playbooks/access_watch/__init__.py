"""What is unusual in access logs: rules and people as data, and the judging of what was counted. Pure."""
