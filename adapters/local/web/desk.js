// The operators' side: what waits for a yes, and what waits for a person.

import { attempt, call, element, listen } from "/api.js";
import { openConversation } from "/customer.js";

const find = (id) => document.getElementById(id);
const PARTS = { summary: "Summary", why: "Why it is here", tried: "Tried", history: "History", suggested: "Suggested reply" };
const drafts = new Map(); // what an operator has begun to write survives a refresh

export function startDesk(operators) {
  const first = operators.find((each) => each.roles.includes("approver")) || operators[0];
  find("operator").append(
    ...operators.map((each) => element("option", { value: each.id }, `${each.name} (${each.roles.join(", ")})`)),
  );
  if (first) find("operator").value = first.id;
  find("operator").onchange = refresh;
  listen("", refresh);
  setInterval(refresh, 5000);
  refresh();
}

const operator = () => find("operator").value;

async function refresh() {
  const [approvals, handoffs] = await Promise.all([call("GET", "/approvals"), call("GET", "/handoffs")]);
  const people = handoffs.handoffs.filter((each) => each.kind === "person" || each.owner !== "ai");
  fill("approvals", approvals.approvals.map(approval), "Nothing waits for approval.");
  fill("handoffs", people.map(handoff), "Nobody waits for a person.");
}

function fill(id, cards, empty) {
  const place = find(id);
  find(`${id}-count`).textContent = cards.length;
  if (place.contains(document.activeElement) && document.activeElement.tagName === "TEXTAREA") return;
  const opened = new Set([...place.querySelectorAll("details[open]")].map((each) => each.dataset.of));
  place.replaceChildren(...(cards.length ? cards : [element("p", { className: "quiet" }, empty)]));
  for (const each of place.querySelectorAll("details")) each.open = opened.has(each.dataset.of);
}

function approval(asked) {
  const decide = (decision) => (event) =>
    attempt(event.target, async () => {
      const body = { decision, args_hash: asked.args_hash, operator: operator() };
      await call("POST", `/approvals/${asked.approval_id}`, body);
      await refresh();
    });
  const waits = asked.approvers_needed - asked.approved_by.length;
  return element(
    "article",
    { className: "card" },
    element(
      "div",
      { className: "top" },
      element("strong", {}, `${asked.tool.replaceAll("_", " ")} ${money(asked.amount_minor, asked.currency)}`),
      opener(asked.conversation_id, asked.customer_id),
    ),
    element("p", { className: "quiet" }, `${waits} approval${waits === 1 ? "" : "s"} needed (${asked.role}), until ${time(asked.expires_at)}`),
    fold(`arguments-${asked.approval_id}`, "Arguments", list(asked.arguments)),
    element(
      "div",
      { className: "does" },
      element("button", { onclick: decide("approve") }, "Approve"),
      element("button", { className: "bad", onclick: decide("reject") }, "Reject"),
    ),
  );
}

function handoff(waits) {
  const mine = waits.owner === `operator:${operator()}`;
  const packet = Object.fromEntries(
    Object.entries(PARTS).filter(([part]) => waits.packet[part]).map(([part, name]) => [name, waits.packet[part].text]),
  );
  return element(
    "article",
    { className: "card" },
    element(
      "div",
      { className: "top" },
      element("span", { className: `badge ${waits.priority}` }, waits.priority),
      element("strong", {}, waits.reason.replaceAll("_", " ")),
      opener(waits.conversation_id, waits.customer_id || "unknown sender"),
    ),
    element("p", { className: "quiet" }, `${waits.status.replaceAll("_", " ")} · ${whose(waits)}`),
    fold(`packet-${waits.conversation_id}`, "Packet", list(packet)),
    mine ? answering(waits) : element("div", { className: "does" }, element("button", { onclick: (event) => act(event.target, waits, "take", {}) }, "Take")),
  );
}

function answering(waits) {
  const words = element("textarea", { rows: 2, maxLength: 5000, placeholder: "Write to the customer…" });
  words.value = drafts.get(waits.conversation_id) || "";
  words.setAttribute("aria-label", "Reply to the customer");
  words.oninput = () => drafts.set(waits.conversation_id, words.value);
  const say = (resolve) => (event) => {
    const message = words.value.trim();
    if (!message) return;
    drafts.delete(waits.conversation_id);
    words.blur();
    act(event.target, waits, "reply", { message, resolve });
  };
  return element(
    "div",
    {},
    words,
    element(
      "div",
      { className: "does" },
      element("button", { onclick: say(false) }, "Reply"),
      element("button", { className: "plain", onclick: say(true) }, "Reply and resolve"),
      element("button", { className: "plain", onclick: (event) => act(event.target, waits, "hand_back", {}) }, "Hand back"),
    ),
  );
}

function whose(waits) {
  if (waits.owner.startsWith("operator:")) return `with ${waits.owner.slice("operator:".length)}`;
  return waits.operator ? `asked: ${waits.operator} (${waits.level})` : "nobody asked yet";
}

function act(button, waits, what, more) {
  attempt(button, async () => {
    await call("POST", `/handoffs/${waits.conversation_id}/${what}`, { operator: operator(), ...more });
    await refresh();
  });
}

function opener(conversation, label) {
  return element("button", { className: "link end", onclick: () => openConversation(conversation) }, label);
}

function fold(of, name, content) {
  const made = element("details", {}, element("summary", {}, name), content);
  made.dataset.of = of;
  return made;
}

function list(values) {
  const rows = Object.entries(values).flatMap(([name, value]) => [
    element("dt", {}, name.replaceAll("_", " ")),
    element("dd", {}, typeof value === "object" ? JSON.stringify(value) : String(value)),
  ]);
  return element("dl", {}, ...rows);
}

function money(minor, currency) {
  if (!currency) return "";
  const format = new Intl.NumberFormat(undefined, { style: "currency", currency });
  return format.format(minor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

function time(at) {
  return new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
}
