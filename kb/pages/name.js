// Keeps the name under which a reader judges, in this browser alone.
(() => {
  const typed = document.getElementById("person-name");
  if (!typed) return;
  const name = encodeURIComponent(typed.dataset.name || "");
  document.cookie = `fusion-name=${name}; max-age=${name ? 31536000 : 0}; path=/; samesite=strict`;
})();
