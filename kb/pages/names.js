// Names the controls below a quotation or a heading after it, so that those of one are told from those of another.
(() => {
  if (window.namesControls) return; // one observer for all that is to come
  window.namesControls = true;

  const TOOLS = "[class*='st-key-tools-'], [class*='st-key-pin-']";
  const name = () => {
    for (const named of document.querySelectorAll("[data-names]")) {
      let next = named.closest("[data-testid=stElementContainer]")?.nextElementSibling;
      for (; next && !next.querySelector("[data-names]"); next = next.nextElementSibling) {
        if (!next.matches(TOOLS) && !next.querySelector(TOOLS)) continue;
        for (const button of next.querySelectorAll("button")) {
          const words = button.querySelector("[data-testid=stMarkdownContainer]")?.textContent;
          const wanted = `${words}: ${named.dataset.names}`;
          if (words && button.getAttribute("aria-label") !== wanted) button.setAttribute("aria-label", wanted);
        }
      }
    }
  };
  let isWaiting = false;
  new MutationObserver(() => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => { isWaiting = false; name(); });
  }).observe(document.body, { childList: true, characterData: true, subtree: true });
  name();
})();
