// What hangs over the page is reached and left by the keyboard: filters take the focus, hints go with Escape.
(() => {
  if (window.keysReach) return; // one set of listeners for all that is to come
  window.keysReach = true;

  const isTouched = matchMedia("(pointer: coarse)").matches; // a field in focus would bring up the keyboard
  const enter = (body, tries = 30) => {
    const field = body.querySelector("input");
    if (!field && tries) return requestAnimationFrame(() => enter(body, tries - 1)); // its content is on its way
    if (!field || isTouched) body.tabIndex = -1;
    (isTouched ? body : field || body).focus({ preventScroll: true });
  };
  const watchOverlays = new MutationObserver((changes) => {
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      const body = node.querySelector?.("[data-testid=stPopoverBody]") || node.closest?.("[data-testid=stPopoverBody]");
      if (body && !body.contains(document.activeElement)) requestAnimationFrame(() => enter(body));
    }
  });
  watchOverlays.observe(document.body, { childList: true, subtree: true });

  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    for (const hinted of document.querySelectorAll(".cite:is(:hover, :focus-within)")) hinted.classList.add("left");
  });
  const comeBack = ({ target, relatedTarget }) => {
    const hinted = target.closest?.(".cite.left");
    if (hinted && !hinted.contains(relatedTarget)) hinted.classList.remove("left");
  };
  document.addEventListener("mouseout", comeBack);
  document.addEventListener("focusout", comeBack);
})();
