// What pages can do besides being read: copy a text, and run the query with Ctrl+Enter.
// Without this file everything can still be read, marked and sent.

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) break; // not on plain http, except localhost
  const source = document.getElementById(button.dataset.copy);
  const status = document.getElementById(button.dataset.status);
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent.trim());
      status.textContent = button.dataset.done;
    } catch {
      getSelection().selectAllChildren(source);
      status.textContent = button.dataset.failed;
    }
  });
}

for (const editor of document.querySelectorAll("textarea[data-runs]")) {
  editor.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      editor.form.requestSubmit();
    }
  });
}
