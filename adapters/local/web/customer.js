// The customer's side: one conversation, followed live.

import { attempt, call, element, listen } from "/api.js";

const WHO = { customer: "Customer", assistant: "SupportMax", operator: "Operator" };
const find = (id) => document.getElementById(id);

let conversation = "";
let live = null;
let timer = 0;

export function startCustomer(customers) {
  find("customers").append(...customers.map((each) => element("option", { value: each.id }, each.name)));
  find("customer").value = customers.length ? customers[0].id : "";
  find("customer").onchange = () => begin(customers);
  find("new").onclick = () => begin(customers);
  find("composer").onsubmit = (event) => {
    event.preventDefault();
    send();
  };
  find("message").onkeydown = (event) => {
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      find("composer").requestSubmit();
    }
  };
  find("escalate").onclick = (event) => change(event.target, "escalate", {});
  find("resolve").onclick = (event) => change(event.target, "resolve");
  const stars = [1, 2, 3, 4, 5].map((score) => star(score));
  find("stars").append(...stars);
  begin(customers);
}

export function openConversation(id) {
  conversation = id;
  if (live) live.close();
  live = listen(`?conversation=${encodeURIComponent(id)}`, () => show());
  show();
}

function begin(customers) {
  if (live) live.close();
  live = null;
  conversation = "";
  const known = customers.find((each) => each.id === find("customer").value);
  const asks = (known ? known.asks : []).map((text) => {
    const chip = element("button", { type: "button" }, text);
    chip.onclick = () => {
      find("message").value = text;
      send();
    };
    return chip;
  });
  find("asks").replaceChildren(...asks);
  find("thread").replaceChildren(element("p", { className: "empty" }, "Write a message, or choose one below."));
  find("after").hidden = true;
}

function send() {
  const text = find("message").value.trim();
  if (!text) return;
  attempt(find("send"), async () => {
    find("asks").replaceChildren();
    if (conversation) {
      await call("POST", `/conversations/${conversation}/messages`, { message: text });
      await show();
    } else {
      const body = { customer_id: find("customer").value, channel: "web", initial_message: text };
      openConversation((await call("POST", "/conversations", body)).conversation_id);
    }
    find("message").value = "";
  });
}

function change(button, what, body) {
  attempt(button, async () => {
    await call("POST", `/conversations/${conversation}/${what}`, body);
    await show();
  });
}

function star(score) {
  const button = element("button", { type: "button", title: `${score} of 5` }, "☆");
  button.setAttribute("aria-label", `${score} of 5`);
  button.onclick = () =>
    attempt(button, async () => {
      await call("POST", `/conversations/${conversation}/rate`, { score });
      [...find("stars").children].forEach((each, index) => (each.textContent = index < score ? "★" : "☆"));
    });
  return button;
}

async function show() {
  clearTimeout(timer);
  const shown = conversation;
  if (!shown) return;
  const [thread, stands] = await Promise.all([
    call("GET", `/conversations/${shown}`),
    call("GET", `/conversations/${shown}/status`),
  ]);
  if (shown !== conversation) return;
  find("customer").value = thread.customer_id;
  const lines = thread.messages.map(line);
  if (stands.answering) lines.push(element("p", { className: "quiet" }, "Working on it…"));
  find("thread").replaceChildren(...lines);
  find("thread").scrollTop = find("thread").scrollHeight;
  find("after").hidden = false;
  find("state").textContent = stands.status.replaceAll("_", " ") + (stands.owner === "ai" ? "" : ` · ${stands.owner}`);
  find("state").className = `badge ${stands.status}`;
  if (stands.answering) timer = setTimeout(show, 1500); // a push may be lost
}

function line(message) {
  const who = message.role === "operator" ? `${WHO.operator} ${message.by}` : WHO[message.role];
  const cites = (message.citations || []).map((each) =>
    element("details", {}, element("summary", {}, each.article_id), element("span", {}, each.passage)),
  );
  return element(
    "div",
    { className: `said ${message.role}` },
    element("span", { className: "who" }, `${who} · ${new Date(message.at).toLocaleTimeString()}`),
    message.text,
    cites.length ? element("div", { className: "cites" }, ...cites) : null,
  );
}
