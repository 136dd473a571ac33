"""The page at /docs: the OpenAPI description as plain HTML that needs nothing from outside."""

from __future__ import annotations

import json
from html import escape
from typing import Any

PAGES = ("/openapi.json", "/docs", "/redoc")
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2733}"
    "h2{margin-top:2.5rem;text-transform:capitalize}section{border-top:1px solid #d7dee5;padding:.6rem 0}"
    "code,pre{font:13px ui-monospace,monospace}pre{background:#f4f7f9;padding:.8rem;overflow:auto;border-radius:6px}"
    ".m{display:inline-block;min-width:3.4rem;font-weight:600;color:#0b6b57}summary{cursor:pointer}"
)

PAGE = (
    "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{title} API</title><style>{style}</style></head>"
    "<body><h1>{title} API</h1><p>Send your API key as <code>Authorization: Bearer</code>. "
    "For programs: <a href='/openapi.json'>OpenAPI 3.1</a>.</p>{body}</body></html>"
)


def make_page(path: str, description: str) -> tuple[str, str]:
    """The content type and the body of a page."""
    if path == "/openapi.json":
        return "application/json", description
    return "text/html; charset=utf-8", make_docs(json.loads(description))


def make_docs(api: dict[str, Any]) -> str:
    """Every route by resource, with what it takes."""
    resources: dict[str, list[str]] = {}
    for path, methods in api["paths"].items():
        for method, operation in methods.items():
            resources.setdefault(operation.get("tags", ["platform"])[0], []).append(
                _route(api, path, method, operation)
            )
    body = "".join(f"<h2>{escape(name)}</h2>{''.join(routes)}" for name, routes in resources.items())
    title = escape(api["info"]["title"])
    return PAGE.format(title=title, style=STYLE, body=body)


def _route(api: dict[str, Any], path: str, method: str, operation: dict[str, Any]) -> str:
    line = (
        f"<span class='m'>{method.upper()}</span> <code>{escape(path)}</code> {escape(operation.get('summary') or '')}"
    )
    schema = _body_schema(api, operation)
    if schema is None:
        return f"<section>{line}</section>"
    shown = escape(json.dumps(schema, indent=2))
    return f"<section><details><summary>{line}</summary><pre>{shown}</pre></details></section>"


def _body_schema(api: dict[str, Any], operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    schema = content.get("schema")
    name = (schema or {}).get("$ref", "").rpartition("/")[2]
    return api["components"]["schemas"][name] if name else schema
