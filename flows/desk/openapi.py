"""/openapi.json: the desk as its document describes it, written by hand, for the door is no FastAPI route."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import orjson
import yaml
from fastapi import APIRouter, Response


def openapi() -> APIRouter:
    """The route of the document."""
    router = APIRouter()

    @router.get("/openapi.json")
    def document() -> Response:
        """What the desk can be asked, in OpenAPI 3.1."""
        return Response(as_json(), media_type="application/json")

    return router


@cache
def as_json() -> bytes:
    """The document of the desk."""
    return orjson.dumps(yaml.safe_load(files("flows.desk").joinpath("openapi.yaml").read_bytes()))
