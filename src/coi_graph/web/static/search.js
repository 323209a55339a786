// Suggestions beneath the search boxes: the combobox of the ARIA Authoring Practices, with a list
// whose options are pages. Without this file the boxes are plain forms.

const WAIT = 120; // ms without a key before the server is asked

for (const input of document.querySelectorAll("input[data-suggest]")) {
  const field = input.parentElement;
  const list = document.createElement("ul");
  const status = document.createElement("p");
  let options = [];
  let active = -1;
  let timer = 0;
  let asking = null;

  list.id = `${input.id}-list`;
  list.className = "suggestions";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", input.dataset.label);
  status.className = "sr-only";
  status.setAttribute("role", "status");
  field.append(list, status);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const mark = (number) => {
    active = number;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === active)));
    if (active < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", options[active].id);
      options[active].scrollIntoView({ block: "nearest" });
    }
  };

  const show = (rows) => {
    options = rows.map((row, number) => {
      const option = document.createElement("li");
      const name = document.createElement("span");
      const kind = document.createElement("span");
      option.id = `${list.id}-${number}`;
      option.dataset.url = row.url;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      name.textContent = row.label;
      kind.textContent = row.kind;
      kind.className = "suggestions__kind";
      option.append(name, " ", kind);
      return option;
    });
    list.replaceChildren(...options);
    list.hidden = options.length === 0;
    active = -1;
    input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-expanded", String(!list.hidden));
    status.textContent = input.dataset[options.length === 1 ? "one" : "many"].replace(
      "{n}",
      options.length,
    );
  };

  const ask = async () => {
    asking?.abort();
    const text = input.value.trim();
    if (text.length < 2) return close();
    asking = new AbortController();
    try {
      const url = `${input.dataset.suggest}&q=${encodeURIComponent(text)}`;
      const answer = await fetch(url, { signal: asking.signal });
      const rows = answer.ok ? await answer.json() : [];
      if (document.activeElement === input) show(rows);
    } catch (error) {
      if (error.name !== "AbortError") close();
    }
  };

  const open = (option) => {
    const to = new URL(option.dataset.url, location.href);
    for (const name of ["lang", "release"]) {
      const value = new URLSearchParams(location.search).get(name);
      if (value) to.searchParams.set(name, value);
    }
    location.assign(to);
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !list.hidden) {
      event.preventDefault(); // the field keeps its text
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) return ask();
      // One place more than there are options: the field itself.
      const places = options.length + 1;
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(((active + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      open(options[active]);
    }
  });
  input.addEventListener("blur", close);
  list.addEventListener("mousedown", (event) => {
    event.preventDefault(); // the field keeps the focus
    const option = event.target.closest("[role=option]");
    if (option && event.button === 0) open(option);
  });
}
