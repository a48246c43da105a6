"""What happens to a notice between its release and its proof."""
