"""The texts for those who must be told: one letter from a form, as text, as a page and as PDF."""
