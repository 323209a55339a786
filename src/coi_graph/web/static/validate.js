// Sending files to be checked: drag and drop, a list of what was chosen, and how far it has come.
// Without this file the form is sent as any other, and its answer is the report's page.

const form = document.getElementById("check");
const field = document.getElementById("files");
const drop = document.getElementById("drop");
const chosen = document.getElementById("chosen");
const status = document.getElementById("status");
const bar = document.getElementById("progress");
const problem = document.getElementById("problem");
const stop = document.getElementById("stop");
const largest = Number(form.dataset.largest);
const POLL = 400; // milliseconds
let request = null;

drop.querySelector(".drop__hint").hidden = false;

for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    drop.classList.add("drop--over");
  });
}
for (const name of ["dragleave", "drop"]) {
  drop.addEventListener(name, () => drop.classList.remove("drop--over"));
}
drop.addEventListener("drop", (event) => {
  if (!event.dataTransfer.files.length) return;
  event.preventDefault();
  const all = new DataTransfer();
  for (const file of [...field.files, ...event.dataTransfer.files]) all.items.add(file);
  field.files = all.files;
  list();
});
field.addEventListener("change", list);

function list() {
  chosen.replaceChildren(
    ...[...field.files].map((file) => {
      const line = document.createElement("li");
      const size = `${(file.size / 1048576).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 })} MB`;
      line.textContent = `${file.name}, ${file.size < 104858 ? `${Math.ceil(file.size / 1024)} KB` : size}`;
      if (file.size > largest) {
        line.classList.add("too-large");
        line.textContent += `: ${status.dataset.toolarge}`;
      }
      return line;
    }),
  );
  problem.replaceChildren();
}

function tell(text, done = null) {
  status.textContent = text;
  bar.hidden = !request;
  if (done === null) bar.removeAttribute("value");
  else bar.value = done;
}

function complain(title, ...lines) {
  const box = document.createElement("div");
  box.className = "alert alert-error";
  const heading = document.createElement("p");
  heading.className = "alert-heading";
  heading.textContent = title;
  box.append(heading);
  for (const line of lines.filter(Boolean)) {
    const text = document.createElement("p");
    text.className = "alert-text";
    text.textContent = line;
    box.append(text);
  }
  problem.replaceChildren(box);
}

function end(text) {
  request = null;
  stop.hidden = true;
  tell(text);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (request) return;
  problem.replaceChildren();
  const body = new FormData(form);
  if (!field.files.length && !form.elements.text.value.trim()) {
    complain(status.dataset.nothing);
    field.focus();
    return;
  }
  const token = [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
  body.append("progress", token);
  request = new XMLHttpRequest();
  const own = request;
  const lang = document.documentElement.lang;
  own.open("POST", `${form.action}?lang=${lang}`);
  own.setRequestHeader("Accept", "application/json");
  own.upload.addEventListener("progress", (sent) => {
    if (sent.lengthComputable) tell(status.dataset.sending, (100 * sent.loaded) / sent.total);
  });
  own.upload.addEventListener("load", () => follow(own, token));
  own.addEventListener("error", () => {
    end("");
    complain(status.dataset.unreachable);
  });
  own.addEventListener("abort", () => end(status.dataset.stopped));
  own.addEventListener("load", () => {
    let answer = {};
    try {
      answer = JSON.parse(own.responseText);
    } catch {
      // what is no JSON is told as a failure below
    }
    if (own.status === 200 && answer.id) {
      location.assign(`/validate/report/${answer.id}?lang=${lang}`);
      return;
    }
    end("");
    if (own.status === 200) {
      // Nothing is kept here, so there is no address to go to: the form's own way shows the page.
      form.submit();
      return;
    }
    complain(answer.title ?? status.dataset.unreachable, answer.detail, answer.remedy);
  });
  stop.hidden = false;
  tell(status.dataset.sending, 0);
  own.send(body);
});

stop.addEventListener("click", () => request?.abort());

async function follow(own, token) {
  tell(status.dataset.waiting);
  while (request === own) {
    await new Promise((resolve) => setTimeout(resolve, POLL));
    if (request !== own) return;
    try {
      const answer = await fetch(`/validate/progress/${token}`);
      const { stage, done, total } = await answer.json();
      if (request === own && answer.ok) {
        tell(status.dataset[stage] ?? status.dataset.checking, total > 1 ? (100 * done) / total : null);
      }
    } catch {
      // The check itself goes on; its own answer tells whether it worked.
    }
  }
}
