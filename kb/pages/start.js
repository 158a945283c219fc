// Puts the focus into the field of a page that has one to begin with, where nothing else has it; a fact that is to be
// corrected is selected, so that typing replaces it.
(() => {
  if (matchMedia("(pointer: coarse)").matches) return; // it would bring up the keyboard
  const begin = (tries) => {
    if (document.activeElement !== document.body) return;
    const field = document.querySelector(".stMain .stForm input[type=text]");
    if (field) {
      field.focus({ preventScroll: true });
      if (new URLSearchParams(location.search).has("correct")) field.select();
    } else if (tries) requestAnimationFrame(() => begin(tries - 1)); // it is on its way
  };
  begin(600);
})();
