// What the keyboard reaches and what it keeps: filters take the focus, hints go with Escape, a redraw loses no place.
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

  // Links that pass over what lies between take the focus along, and leave the address as it is. That of Streamlit ends
  // above our menu: it, too, leads to the page's heading.
  document.addEventListener("click", (event) => {
    const skip = event.target.closest?.("a.skip, a[href='#stMain']");
    const wanted = skip && document.querySelector(skip.dataset.to || ".stMain h1");
    if (!wanted) return;
    event.preventDefault();
    event.stopPropagation();
    if (wanted.tabIndex < 0) wanted.tabIndex = -1; // a heading takes the focus from a script alone
    wanted.focus();
  }, { capture: true });

  // Who types while the answer has the focus asks on: the letters go into the follow-up.
  document.addEventListener("keydown", ({ target, key, ctrlKey, metaKey, altKey }) => {
    if (key.length !== 1 || key === " " || ctrlKey || metaKey || altKey) return;
    if (target.matches?.(".coverage, .refusal")) document.querySelector(".st-key-follow-up input")?.focus();
  });

  // A control that a redraw takes away hands the focus to the one in its place, else to the message on what it did.
  const CONTROLS = "a[href], button, input, textarea, summary";
  const MESSAGES = ".stMain :is(.notice.done, .notice.empty, .notice.problem, .coverage, .refusal)";
  let held = null; // what had the focus last, and the keys of what it stands in, from the inside
  let told = new Set(); // the messages that stood there when the last redraw began
  const listKeys = (one) => {
    const keys = [];
    for (let at = one; at; at = at.parentElement) {
      keys.push(...[...at.classList].filter((each) => each.startsWith("st-key-")));
    }
    return keys;
  };
  const isLost = ({ one }) => !one.isConnected || one.disabled;
  const findHeir = ({ keys, words }) => {
    for (const key of keys) {
      const controls = [...document.querySelectorAll(`.${CSS.escape(key)} :is(${CONTROLS})`)];
      const open = controls.filter((one) => !one.disabled && one.checkVisibility());
      if (open.length) return open.find((one) => one.textContent === words) || open[0];
    }
    return null;
  };
  const listMessages = () => [...document.querySelectorAll(MESSAGES)];
  const isStill = () => document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]");
  const giveBack = () => {
    if (!held || !isLost(held) || document.activeElement !== document.body || !isStill()) return;
    const fresh = listMessages().findLast((one) => !told.has(one));
    const heir = findHeir(held) || fresh;
    if (heir && heir === fresh) heir.tabIndex = -1;
    heir?.focus({ preventScroll: heir !== fresh });
  };
  document.addEventListener("focusin", ({ target }) => {
    held = { one: target, keys: listKeys(target), words: target.textContent };
  });
  document.addEventListener("focusout", ({ target, relatedTarget }) => {
    if (relatedTarget) return;
    setTimeout(() => { if (held?.one === target && !isLost(held) && document.hasFocus()) held = null; }); // left by hand
  });
  const watchRuns = new MutationObserver((changes) => {
    if (changes.some(({ oldValue }) => oldValue === "notRunning")) { // a redraw begins, and its first words may be there
      const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
      told = new Set(listMessages().filter((one) => !added.some((node) => node.contains(one))));
    }
    if (held && isLost(held)) requestAnimationFrame(() => setTimeout(giveBack));
  });
  watchRuns.observe(document.body, {
    attributeFilter: ["data-test-script-state", "disabled"], attributeOldValue: true, childList: true, subtree: true,
  });
})();
