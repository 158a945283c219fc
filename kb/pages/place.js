// Returns to the place that was left: with Back, after a reload, and beside the answer, which stays where it is.
(() => {
  if (window.keepsPlaces) return; // one set of listeners for all that is to come
  window.keepsPlaces = true;

  const LONGEST = 60_000; // milliseconds for the answer to be there again
  const WIDE = matchMedia("(min-width: 1200px)"); // as in the style
  const MARGIN = 16; // pixels of the window above a passage
  const find = () => document.querySelector("[data-testid=stMain]");
  const name = () => `place ${location.href}`;
  let returning = 0;

  const returnTo = (top) => {
    const mine = ++returning;
    const until = performance.now() + LONGEST;
    const tryIt = () => {
      if (mine !== returning) return;
      const main = find();
      const isStill = document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]");
      if (main && isStill && main.scrollHeight - main.clientHeight >= top - 1) {
        main.scrollTop = top;
        returning = 0;
      } else if (performance.now() < until) setTimeout(tryIt, 50);
      else returning = 0;
    };
    tryIt();
  };
  const comeBack = () => {
    const top = sessionStorage.getItem(name());
    if (top !== null) returnTo(Number(top));
  };

  document.addEventListener("scroll", ({ target }) => {
    if (!returning && target === find()) sessionStorage.setItem(name(), String(target.scrollTop));
  }, { capture: true, passive: true });
  for (const moved of ["wheel", "touchmove", "keydown"]) {
    document.addEventListener(moved, () => { returning = 0; }, { capture: true, passive: true });
  }
  addEventListener("popstate", comeBack);
  if (["back_forward", "reload"].includes(performance.getEntriesByType("navigation")[0]?.type)) comeBack();

  document.addEventListener("click", (event) => {
    const number = event.target.closest?.(".st-key-answer .group a.number");
    if (!number || !WIDE.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const main = find();
    const top = main.scrollTop;
    location.hash = number.hash; // the passages beside scroll to the one that is chosen
    main.scrollTop = top;
    const chosen = document.querySelector(number.hash)?.closest(".card");
    const hidden = MARGIN - (chosen?.getBoundingClientRect().top ?? MARGIN);
    if (hidden > 0) chosen.closest(".st-key-sources").parentElement.scrollTop -= hidden; // they begin above the window
  });
})();
