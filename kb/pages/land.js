// Brings the answer to a follow-up into view once it is there, and lets the keyboard and a screen reader go on from it.
(() => {
  const until = performance.now() + 60_000; // milliseconds
  const land = () => {
    const answer = document.querySelector(".coverage, .refusal");
    const isStill = document.querySelector("[data-testid=stApp][data-test-script-state=notRunning]");
    if (!answer || !isStill) return performance.now() < until ? setTimeout(land, 50) : undefined;
    answer.focus({ preventScroll: true });
    (document.querySelector(".thread") || answer).scrollIntoView({ block: "start" });
  };
  setTimeout(land, 50);
})();
