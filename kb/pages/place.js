// Returns to the place that was left: with Back, after a reload, and beside the answer, which stays where it is.
(() => {
  if (window.keepsPlaces) return; // one set of listeners for all that is to come
  window.keepsPlaces = true;

  const LONGEST = 60_000; // milliseconds for the answer to be there again
  const WIDE = matchMedia("(min-width: 1200px)"); // as in the style
  const MARGIN = 16; // pixels of the window above a passage
  const find = () => document.querySelector("[data-testid=stMain]");
  const findBeside = () => document.querySelector(".st-key-sources")?.parentElement; // scrolls by itself in a wide window
  const name = (what) => `${what} ${location.href}`;
  const keep = () => {
    sessionStorage.setItem(name("place"), String(find()?.scrollTop ?? 0));
    sessionStorage.setItem(name("beside"), String(findBeside()?.scrollTop ?? 0));
  };
  const listTwins = (href) => [...document.querySelectorAll(".stMain a[href]")].filter((one) => one.getAttribute("href") === href);
  let returning = 0;

  const tryUntil = (isDone) => {
    const mine = ++returning;
    const until = performance.now() + LONGEST;
    const tryIt = () => {
      if (mine !== returning) return;
      if (isDone() || performance.now() > until) returning = 0;
      else setTimeout(tryIt, 50);
    };
    tryIt();
  };
  const isThere = (top) => {
    const main = find();
    const isStill = document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]");
    return main && isStill && main.scrollHeight - main.clientHeight >= top - 1;
  };
  const comeBack = () => {
    const top = Number(sessionStorage.getItem(name("place")) ?? NaN);
    if (Number.isNaN(top)) return;
    const beside = Number(sessionStorage.getItem(name("beside")));
    const [href, at] = JSON.parse(sessionStorage.getItem(name("link")) ?? "[]");
    let isPlaced = false;
    tryUntil(() => {
      const link = href && listTwins(href)[at];
      if (!isThere(top) || (isPlaced && !link)) return false;
      find().scrollTop = top;
      if (findBeside()) findBeside().scrollTop = beside;
      link?.focus({ preventScroll: true }); // the keyboard goes on from where it left
      isPlaced = true;
      return !href || Boolean(link);
    });
  };

  document.addEventListener("scroll", ({ target }) => {
    if (!returning && (target === find() || target === findBeside())) keep();
  }, { capture: true, passive: true });
  for (const moved of ["wheel", "touchmove", "keydown"]) {
    document.addEventListener(moved, () => { returning = 0; }, { capture: true, passive: true });
  }
  addEventListener("popstate", comeBack);
  if (["back_forward", "reload"].includes(performance.getEntriesByType("navigation")[0]?.type)) comeBack();

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".stMain a[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const href = link.getAttribute("href");
    keep();
    sessionStorage.setItem(name("link"), JSON.stringify([href, listTwins(href).indexOf(link)]));
    if (!link.matches(".st-key-answer .group a.number") || !WIDE.matches) return;
    event.preventDefault();
    const main = find();
    const top = main.scrollTop;
    location.hash = link.hash; // the passages beside scroll to the one that is chosen
    main.scrollTop = top;
    const chosen = document.querySelector(link.hash)?.closest(".card");
    const hidden = MARGIN - (chosen?.getBoundingClientRect().top ?? MARGIN);
    if (hidden > 0) findBeside().scrollTop -= hidden; // they begin above the window
  }, { capture: true });
})();
