// Forms for records: rows are added and removed at once, long lists can be searched, and nobody
// leaves with something unsaved unasked. Without this file the buttons send the form instead.

let next = 1000; // numbers of new rows: beyond those that the server gave
let changed = false;
const form = document.querySelector("form.record-form");

function add(box) {
  const rows = box.querySelector("[data-rows]");
  if (rows.children.length >= Number(box.dataset.most)) return;
  const row = box.querySelector(":scope > template").content.firstElementChild.cloneNode(true);
  const number = String(next++);
  rename(row, box.dataset.repeats, number);
  rows.append(row);
  count(box);
  row.querySelector("input, textarea, select").focus();
  changed = true;
}

// Gives a row its number, in the templates inside it as well.
function rename(root, name, number) {
  for (const node of [root, ...root.querySelectorAll("*")]) {
    for (const attribute of [...node.attributes]) {
      for (const mark of ["__p__", "__n__"]) {
        attribute.value = attribute.value
          .replaceAll(`${name}-${mark}`, `${name}-${number}`)
          .replaceAll(`${name}:${mark}`, `${name}:${number}`);
      }
    }
    if (node instanceof HTMLTemplateElement) {
      for (const inner of node.content.children) rename(inner, name, number);
    }
  }
}

// Says which of them a row is, for those who see and those who hear.
function count(box) {
  [...box.querySelector("[data-rows]").children].forEach((row, index) => {
    const shown = row.querySelector(":scope > legend [data-number]");
    if (shown) shown.textContent = String(index + 1);
    const input = row.querySelector(":scope > input[aria-label]");
    const label = box.querySelector(":scope > legend").textContent.replace(/ \*$/, "").trim();
    if (input) input.setAttribute("aria-label", `${label} ${index + 1}`);
    const remove = row.querySelector(":scope > [data-remove] .sr-only");
    if (remove) remove.textContent = `: ${label} ${index + 1}`;
  });
}

function remove(button) {
  const row = button.closest("[data-row]");
  const box = row.closest("[data-repeats]");
  row.remove();
  count(box);
  box.querySelector(":scope > [data-add]").focus();
  changed = true;
}

function searchable(box) {
  const wrapper = document.createElement("div");
  wrapper.className = "choices__filter";
  const input = document.createElement("input");
  Object.assign(input, { type: "search", className: "form-input", autocomplete: "off" });
  input.setAttribute("aria-label", box.dataset.filter);
  input.placeholder = box.dataset.filter;
  const status = document.createElement("p");
  status.className = "form-hint";
  status.setAttribute("role", "status");
  wrapper.append(input, status);
  box.before(wrapper);
  input.addEventListener("input", (event) => {
    event.stopPropagation(); // nothing that would have to be saved
    const wanted = input.value.trim().toLowerCase();
    let shown = 0;
    for (const choice of box.children) {
      const checked = choice.querySelector("input").checked;
      choice.hidden = !checked && !choice.textContent.toLowerCase().includes(wanted);
      shown += choice.hidden ? 0 : 1;
    }
    status.textContent = !wanted ? "" : shown ? `${shown} ${box.dataset.count}` : box.dataset.none;
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
}

// Names of a list that is too long for a page are asked for while one writes.
let waiting = 0;
function suggest(input) {
  const list = input.list;
  if (!list || !list.dataset.search || input.value.trim().length < 2) return;
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    const asked = input.value;
    try {
      const answer = await fetch(`${list.dataset.search}&q=${encodeURIComponent(asked)}`);
      if (!answer.ok || input.value !== asked) return;
      const found = await answer.json();
      list.replaceChildren(
        ...found.map(({ value, label }) => Object.assign(document.createElement("option"),
          label && label !== value ? { value, label } : { value })),
      );
    } catch {
      // without a connection the name can still be written
    }
  }, 200);
}

if (form) {
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-add], button[data-remove]");
    if (!button) return;
    event.preventDefault();
    if ("add" in button.dataset) add(button.closest("[data-repeats]"));
    else remove(button);
  });
  for (const box of form.querySelectorAll("[data-filter]")) searchable(box);
  form.addEventListener("input", (event) => {
    changed = true;
    suggest(event.target);
  });
  form.addEventListener("submit", () => (changed = false));
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}
