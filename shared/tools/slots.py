"""The slots of tools: their types, the check before a call, and the schema that a model is shown."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Concatenate, ParamSpec, get_type_hints

from annotated_types import Ge, Gt, Le, Len

from shared.errors import InvalidInput
from shared.ports.business_systems import BusinessSystems
from shared.tools.tool import Facts

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

Slots = ParamSpec("Slots")

Reference = Annotated[str, Len(1, 80)]
Number = Annotated[str, Len(0, 80)]
Text = Annotated[str, Len(1, 300)]
Currency = Annotated[str, Len(3, 3)]
Amount = Annotated[int, Gt(0), Le(100_000_000)]
Quantity = Annotated[int, Ge(1), Le(500)]


def checked(
    run: Callable[Concatenate[BusinessSystems, Slots], Facts],
) -> Callable[Concatenate[BusinessSystems, Slots], Facts]:
    """Check a tool's slots against its annotations before it runs; raises InvalidInput."""

    @functools.wraps(run)
    def call(systems: BusinessSystems, /, *args: Slots.args, **slots: Slots.kwargs) -> Facts:
        check_slots(run, slots)
        return run(systems, *args, **slots)

    return call


def check_slots(run: Callable[..., Facts], slots: dict[str, Any]) -> None:
    """Hold slots to the types, limits and names of a tool's signature; raises InvalidInput naming the first bad one."""
    from pydantic import ValidationError

    try:
        slot_model(inspect.unwrap(run)).model_validate(slots, strict=True)
    except ValidationError as error:
        raise explain(error) from error


def schema_of(run: Callable[..., Facts], names: tuple[str, ...]) -> dict[str, Any]:
    """The JSON schema of the named slots, closed to any other."""
    schema = slot_model(inspect.unwrap(run)).model_json_schema()
    properties = {name: schema["properties"][name] for name in names}
    required = [name for name in schema.get("required", []) if name in names]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


@functools.cache
def slot_model(run: Callable[..., Facts]) -> type[BaseModel]:
    """A model of a tool's keyword-only slots, made once a tool."""
    from pydantic import ConfigDict, create_model

    hints = get_type_hints(run, include_extras=True)
    fields: dict[str, Any] = {
        name: (hints[name], ... if slot.default is slot.empty else slot.default)
        for name, slot in inspect.signature(run).parameters.items()
        if slot.kind is slot.KEYWORD_ONLY
    }
    return create_model(run.__name__, __config__=ConfigDict(extra="forbid", strict=True), **fields)


def explain(error: ValidationError) -> InvalidInput:
    """The first complaint as this platform says it: field, limit, what to do."""
    complaint = error.errors(include_url=False, include_input=False)[0]
    field = str(complaint["loc"][0]) if complaint["loc"] else "arguments"
    return InvalidInput(f"{field} is not acceptable", field=field, limit=complaint["msg"], action=f"correct {field}")
