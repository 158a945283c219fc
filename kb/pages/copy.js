// Copies a passage with its attribution, plain and rich, and says whether that worked, on the button and to a screen reader.
(() => {
  if (window.copiesPassages) return; // answers come and go while the page stays: one listener for all buttons to come
  window.copiesPassages = true;

  const status = Object.assign(document.createElement("p"), { className: "unseen" });
  status.setAttribute("role", "status");
  document.body.append(status);

  const copyText = async (text, html) => {
    if (text === undefined) return false;
    try {
      const kinds = { "text/plain": text, ...(html && { "text/html": html }) };
      const blobs = Object.entries(kinds).map(([type, words]) => [type, new Blob([words], { type })]);
      await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
      return true;
    } catch {
      // Browsers offer the clipboard to secure addresses only, which the app has on this machine but not on a network.
      const field = Object.assign(document.createElement("textarea"), { value: text, className: "unseen" });
      document.body.append(field);
      field.select();
      const fill = (event) => {
        event.clipboardData.setData("text/plain", text);
        if (html) event.clipboardData.setData("text/html", html);
        event.preventDefault();
      };
      document.addEventListener("copy", fill, { once: true });
      const isCopied = document.execCommand("copy");
      field.remove();
      return isCopied;
    }
  };

  let latest = null; // the button that tells of the clipboard's content, until another one does
  const say = (button, words) => {
    if (latest && latest.button !== button) latest.button.textContent = latest.label;
    if (latest?.button !== button) latest = { button, label: button.textContent };
    button.style.minWidth = `${button.offsetWidth}px`; // what stands beside it stays under the pointer
    button.textContent = words;
    status.textContent = words;
  };

  document.addEventListener("click", async ({ target }) => {
    const button = target.closest?.("button.copy");
    if (!button) return;
    const isCopied = await copyText(button.dataset.copy, button.dataset.html);
    button.focus();
    say(button, isCopied ? "Copied" : "Not copied: select the words and copy them");
  });
})();
