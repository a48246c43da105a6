"""A playbook's data as a YAML file that our own reader takes: no anchors, no tags, texts in blocks."""

from __future__ import annotations

from typing import Any

import yaml


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # our reader takes no anchors at all
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, indentless=False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Plain.add_representer(str, _text)


def yaml_text(data: dict[str, Any], comments: tuple[str, ...] = ()) -> str:
    """Return the text of a YAML file, comments first; each comment is one line of plain ASCII words."""
    body = yaml.dump(data, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110)
    return "".join(f"# {comment}\n" for comment in comments) + body
