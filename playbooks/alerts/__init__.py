"""What becomes of an alert: which belong together, which playbook, which windows hold. Data; pure."""
