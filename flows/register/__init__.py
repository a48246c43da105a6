"""The register of every breach, told or not."""
