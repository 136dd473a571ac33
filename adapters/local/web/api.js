// Calls to the platform. What comes back is data: it is only ever shown as text.

let key = "";

export function useKey(value) {
  key = value;
}

export async function call(method, path, body) {
  const options = { method, headers: { Authorization: `Bearer ${key}` } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  const response = await fetch(`/api/v1${path}`, options);
  const answer = await response.json();
  if (!response.ok) {
    const details = (answer.details || []).map((each) => each.message).join("; ");
    throw new Error(details || answer.error);
  }
  return answer;
}

// Tells `heard` of every push on a topic; comes back by itself until `close` is called.
export function listen(query, heard) {
  let socket;
  let closed = false;
  function open() {
    socket = new WebSocket(`ws://${location.host}/ws${query}`);
    socket.onopen = () => socket.send(JSON.stringify({ type: "auth", key }));
    socket.onmessage = (event) => heard(JSON.parse(event.data));
    socket.onclose = (event) => {
      if (!closed && event.code < 4400) setTimeout(open, 1500);
    };
  }
  open();
  return {
    close() {
      closed = true;
      socket.close();
    },
  };
}

export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  Object.assign(made, properties);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function notice(text) {
  const line = document.getElementById("notice");
  line.textContent = text;
  line.hidden = !text;
}

// Runs a click's work: the button waits, an error is told.
export async function attempt(button, work) {
  if (button) button.disabled = true;
  try {
    notice("");
    await work();
  } catch (error) {
    notice(error.message);
  } finally {
    if (button) button.disabled = false;
  }
}
