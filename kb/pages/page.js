// Copies a passage with its attribution, and brings the cited words of a transcript into view.
(() => {
  const copyText = async (text) => {
    // Browsers offer the clipboard to secure addresses only, which the app has on this machine but not on a network.
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const field = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  };

  const onClick = async ({ target }) => {
    const button = target.closest?.("button.copy");
    if (!button) return;
    await copyText(button.dataset.copy);
    const label = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 2000);
  };

  // Answers come and go while this page stays: listen once, for all buttons to come.
  if (!window.copiesPassages) document.addEventListener("click", onClick);
  window.copiesPassages = true;

  const cited = document.querySelector(".turn.cited mark") || document.querySelector(".turn.cited");
  cited?.scrollIntoView({ block: "center" });
})();
