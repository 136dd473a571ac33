"""AGENTS: who works for the customer, as a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agent:
    """One role: the handler that it works in, the model class it may use, and its weight in a vote in basis points.

    Its tools stand in the catalogue of tools.
    """

    name: str
    role: str
    handler: str
    model: str
    expertise: int


AGENTS: dict[str, Agent] = {
    agent.name: agent
    for agent in (
        Agent("intent_classifier", "says what the customer wants", "orchestrator", "small", 10_000),
        Agent("clarification", "asks one question when that is not clear", "reply", "small", 5_000),
        Agent("general", "first line: questions, orders, articles", "general", "small", 6_000),
        Agent("technical", "diagnoses, reads logs, checks the API", "technical", "large", 8_000),
        Agent("expert", "what technical could not solve", "technical", "large", 10_000),
        Agent("billing", "charges, refunds, invoices, plans", "billing", "large", 9_000),
        Agent("account", "access, users, keys, data", "account", "small", 8_000),
        Agent("sales", "products, prices, quotes", "sales", "small", 7_000),
        Agent("sentiment", "mood and escalation risk", "sentiment", "small", 5_000),
        Agent("coordinator", "exceptions, and who talks to a person", "escalation", "large", 10_000),
        Agent("quality_reviewer", "nothing unbacked leaves", "reply", "small", 8_000),
        Agent("knowledge_synthesis", "what a solved ticket teaches", "knowledge", "large", 5_000),
    )
}
