// The SPARQL editor on /sparql: Yasgui's (vendor/yasqe.js), over the form that works without it.
// It completes the terms of this site only. Yasqe's own completers ask Linked Open Vocabularies;
// they are taken out, and nothing here talks to another host.

const form = document.querySelector("form.query-form");
const plain = form.elements.query;
const status = document.getElementById("status");
const stop = document.getElementById("stop");
const words = plain.dataset; // the texts of the page's language

/* What is completed */

const terms = fetch(words.terms).then(
  (answer) => (answer.ok ? answer.json() : Promise.reject(answer)),
).catch(() => ({ prefixes: {}, classes: [], properties: [] }));
const labels = new Map();
const MOST = 50;
const WORD = /^\p{L}[\p{L}\d-]*(:[\p{L}\d_-]*)?$/u;
const TYPE = new Set(["a", "rdf:type", "rdfs:subClassOf", "rdfs:domain", "rdfs:range"]);

function isTermPosition(yasqe) {
  const token = yasqe.getCompleteToken();
  const text = token.string.trim();
  if (!WORD.test(text) || token.type === "comment" || token.state.inPrefixDecl) return false;
  const before = yasqe.getPreviousNonWsToken(yasqe.getDoc().getCursor().line, token);
  if (before.string.toUpperCase() === "PREFIX" || before.type === "comment") return false;
  // A word without a prefix is looked for among the labels; capitals are SPARQL's own words.
  return text.includes(":") || (text.length > 2 && text !== text.toUpperCase());
}

async function termsFor(yasqe, token) {
  const { classes, properties } = await terms;
  const text = token.string.trim().toLowerCase();
  const before = yasqe.getPreviousNonWsToken(yasqe.getDoc().getCursor().line, token).string;
  const colon = text.indexOf(":");
  const prefix = text.slice(0, colon + 1);
  const part = text.slice(colon + 1);
  const isVerb = (token.state.possibleCurrent || []).includes("a");
  const offered = TYPE.has(before) ? classes : isVerb ? properties : [...classes, ...properties];
  const found = [];
  for (const [name, label] of offered) {
    labels.set(name, label);
    const lower = name.toLowerCase();
    if (!lower.startsWith(prefix)) continue;
    const place = lower.indexOf(part, lower.indexOf(":") + 1);
    if (place >= 0 || label.toLowerCase().includes(part)) found.push([place < 0 ? 999 : place, name]);
  }
  found.sort(([one, a], [other, b]) => one - other || (a < b ? -1 : 1));
  return found.slice(0, MOST).map(([, name]) => name);
}

function withLabel(hint) {
  hint.render = (element) => {
    const label = document.createElement("span");
    label.className = "hint-label";
    label.textContent = labels.get(hint.text);
    element.append(hint.text, " ", label);
  };
  return hint;
}

for (const name of ["class", "property"]) delete Yasqe.Autocompleters[name];
Yasqe.defaults.autocompleters = ["prefixes", "variables", "terms"];
// Suggestions come while one types, not when the cursor passes: autoShow would do that.
const local = { autoShow: false, persistenceId: null };
Yasqe.forkAutocompleter("variables", { ...local, name: "variables" });
Yasqe.forkAutocompleter("prefixes", {
  ...local,
  name: "prefixes",
  get: async () =>
    Object.entries((await terms).prefixes).map(([name, namespace]) => `${name}: <${namespace}>`),
});
Yasqe.registerAutocompleter({
  ...local,
  name: "terms",
  bulk: false,
  isValidCompletionPosition: isTermPosition,
  get: termsFor,
  postprocessHints: (_, hints) => hints.map(withLabel),
});

// Yasqe says what it expects in English and with style attributes, which the page forbids.
Yasqe.prototype.showNotification = () => {};
const checkSyntax = Yasqe.prototype.checkSyntax;
Yasqe.prototype.checkSyntax = function () {
  checkSyntax.call(this);
  const icon = this.getWrapperElement().querySelector(".parseErrorIcon");
  if (!icon) return;
  icon.onmouseover = icon.onmouseout = null;
  icon.title = words.unexpected;
};

/* The editor in the place of the text field */

const place = document.createElement("div");
place.id = "editor";
plain.after(place);
const run = () => form.requestSubmit();
const editor = new Yasqe(place, {
  value: plain.value,
  createShareableLink: null,
  consumeShareLink: null,
  persistenceId: null,
  requestConfig: { endpoint: form.action },
  resizeable: false,
  showQueryButton: false,
  editorHeight: "",
  screenReaderLabel: document.querySelector("label[for=query]").textContent,
  inputStyle: "contenteditable", // a screen reader reads the text, not one line of it
  extraKeys: {
    "Ctrl-Enter": run,
    "Cmd-Enter": run,
    "Ctrl-S": false, // the browser's
    Esc: () => {}, // closes the suggestions, and nothing else
    // As in every text field, Tab goes on to the next one; Ctrl+] and Ctrl+[ indent.
    Tab: false,
    "Shift-Tab": false,
  },
});
plain.hidden = true;
plain.required = false; // what is hidden cannot be filled in
document.querySelector("label[for=query]").addEventListener("click", () => editor.focus());
document.getElementById("query-hint").hidden = true;
document.getElementById("editor-hint").hidden = false;

const field = editor.getInputField();
field.id = "editor-field";
field.setAttribute("role", "textbox");
field.setAttribute("aria-multiline", "true");
editor.on("autocompletionShown", (_, widget) => {
  widget.hints.removeAttribute("aria-expanded"); // not of a listbox
  widget.hints.setAttribute("aria-label", words.suggestions);
});
editor.on("inputRead", () => {
  if (!editor.state.completionActive) editor.autocomplete();
});
new ResizeObserver(() => editor.refresh()).observe(editor.getWrapperElement());

/* An error stands at its line until the text changes */

let shown = null;
function showError(from) {
  hideError();
  const line = Number(from.errorLine) - 1;
  field.setAttribute("aria-describedby", from.error ? "error editor-hint" : "editor-hint");
  field.setAttribute("aria-invalid", from.error ? "true" : "false");
  if (!from.error || !(line >= 0 && line < editor.lineCount())) return;
  const text = document.createElement("div");
  text.className = "error-at-line";
  text.textContent = from.error;
  document.querySelector("#problem .listing")?.remove(); // the text is here
  editor.addLineClass(line, "background", "error-line");
  shown = { line, widget: editor.addLineWidget(line, text) };
  editor.getDoc().setCursor({ line, ch: Math.max(0, Number(from.errorColumn || 1) - 1) });
}
function hideError() {
  if (!shown) return;
  editor.removeLineClass(shown.line, "background", "error-line");
  shown.widget.clear();
  shown = null;
}
editor.on("change", () => {
  plain.value = editor.getValue();
  hideError();
});
showError(words);

/* The answer comes onto this page, so that what was typed and undone stays */

const CHANGED = ["#problem", "#answer", ".languages"];
const LONGEST = 7000; // characters of an address that every server on the way takes
let asked = null;

async function ask(fromEditor) {
  asked?.abort();
  asked = new AbortController();
  const { signal } = asked;
  const parameters = new URLSearchParams(new FormData(form));
  parameters.delete("format");
  const address = `${form.action}?${parameters}`;
  const long = address.length > LONGEST;
  const headers = { Accept: "text/html" };
  stop.hidden = false;
  status.textContent = words.running;
  status.className = "query-form__status";
  try {
    const answer = await fetch(long ? form.action : address, {
      ...(long ? { method: "POST", body: parameters } : {}),
      headers,
      signal,
    });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const one of long ? CHANGED.slice(0, 2) : CHANGED) {
      document.querySelector(one).replaceWith(document.adoptNode(page.querySelector(one)));
    }
    if (!long) history.pushState(null, "", address);
    showError(page.getElementById("query").dataset);
    const heading = document.querySelector("#answer h2, #problem .alert-heading");
    status.textContent = document.querySelector("#answer .summary")?.textContent.trim() ?? "";
    status.className = "sr-only"; // it stands above the table, too
    if (!fromEditor) heading.focus({ preventScroll: true });
    const { top } = heading.getBoundingClientRect();
    if (top < 0 || top > innerHeight * 0.6) heading.scrollIntoView();
  } catch (error) {
    if (signal.aborted && asked?.signal !== signal) return; // another run took its place
    status.textContent = signal.aborted ? words.stopped : words.unreachable;
  }
  stop.hidden = true;
}

form.addEventListener("submit", (event) => {
  if (form.elements.format.value !== "html") return; // a file: the browser's own way
  event.preventDefault();
  ask(editor.hasFocus());
});
stop.addEventListener("click", () => asked?.abort());
addEventListener("popstate", () => location.reload());
