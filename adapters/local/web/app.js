// Begins with the demo's key, or asks for one.

import { call, notice, useKey } from "/api.js";
import { startCustomer } from "/customer.js";
import { startDesk } from "/desk.js";

const form = document.getElementById("key-form");

async function begin() {
  const demo = await (await fetch("/demo.json")).json();
  if (demo.demo) {
    useKey(demo.key);
    start(demo.customers, demo.operators);
    return;
  }
  form.hidden = false;
  form.onsubmit = async (event) => {
    event.preventDefault();
    useKey(document.getElementById("key").value.trim());
    try {
      await call("GET", "/handoffs");
    } catch (error) {
      notice(error.message);
      return;
    }
    notice("");
    form.hidden = true;
    start([], demo.operators);
  };
}

function start(customers, operators) {
  startCustomer(customers);
  startDesk(operators);
}

begin();
