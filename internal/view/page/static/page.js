// What is live on the page: it is sent anew whenever something has changed, and the
// countdowns run in between. Without this the page shows how things were when it was
// loaded.
"use strict";
(() => {
  const live = document.getElementById("live");
  const two = (n) => String(n).padStart(2, "0");
  const count = () => {
    for (const time of document.querySelectorAll("time[data-until]")) {
      const left = Math.max(0, Math.round(Number(time.dataset.until) - Date.now() / 1000));
      time.textContent = `${Math.floor(left / 60)}:${two(left % 60)}`;
    }
  };
  count();
  setInterval(count, 1000);
  if (!live || !window.EventSource) return;
  const source = new EventSource("/live");
  source.addEventListener("live", (event) => {
    live.innerHTML = event.data;
    count();
  });
  source.addEventListener("plots", () => {
    const stamp = Date.now();
    for (const plot of document.querySelectorAll("picture")) {
      for (const part of plot.children) {
        const name = part.tagName === "SOURCE" ? "srcset" : "src";
        part.setAttribute(name, part.getAttribute(name).replace(/&at=\d+$/, "") + "&at=" + stamp);
      }
    }
  });
})();
