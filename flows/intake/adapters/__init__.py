"""One small file for each tool: its payload read into claims. Pure."""
