"""The ways out for notices: e-mail, a client's portal, a shared Slack channel."""
