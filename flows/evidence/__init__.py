"""What was secured: taken in, handed on, proved, held and disposed of, with its chain of custody."""
