"""Lines for `supportmax run`: many customers, many wishes, some conversations, some money."""

from __future__ import annotations

import json
from typing import Any

CUSTOMERS = (
    "ada",
    "ben",
    "chloe",
    "dina",
    "eva",
    "farid",
    "gina",
    "hugo",
    "iris",
    "leo",
    "mara",
    "olga",
    "pavel",
    "uma",
    "zoe",
)
WISHES = (
    "I forgot my password, please send me a reset link.",
    "You charged me twice for the same invoice, please refund the duplicate charge.",
    "How do I connect Slack?",
    "What is my current account balance?",
    "Where is my order? It should have arrived.",
    "It does not work.",
    "Do you ship to Norway and what does it cost?",
    "Our API calls fail with 401 invalid key.",
    "I want to speak to a human, please.",
    "Where is my refund?",
    "I can't export reports since yesterday.",
)


def any_lines(count: int) -> list[dict[str, Any]]:
    """`count` lines; the same every time. Every ninth continues an earlier conversation."""
    lines = []
    for number in range(count):
        customer = CUSTOMERS[number % len(CUSTOMERS)]
        wish = WISHES[(number * 7 + number // 15) % len(WISHES)]
        line = {"id": f"line-{number}", "customer_id": f"cus_{customer}", "text": wish, "channel": "chat"}
        if number % 9 == 0:
            line["conversation_id"] = f"talk-{customer}-{number % 4}"
        lines.append(line)
    return lines


def as_jsonl(lines: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)
