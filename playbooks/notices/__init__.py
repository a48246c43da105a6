"""The forms of notices as data: what each says, in which order, under which headings, in which languages."""
