// SPDX-License-Identifier: GPL-2.0-or-later
// Around the terminal: textual.js marks the body when the session has ended; the box is asked why.
"use strict";

const PAUSE_MS = 5000;

async function ended() {
  const told = await fetch("/why", {cache: "no-store"}).catch(() => null);
  if (told && told.status === 401) {
    location.assign("/sign-in");
    return;
  }
  const words = told && told.ok ? await told.json() : {text: document.body.dataset.away};
  document.getElementById("why").textContent = words.text;
  document.getElementById("ended").hidden = false;
  if (!told) {
    setTimeout(ended, PAUSE_MS);  // until the box answers
  } else if (document.body.classList.contains("board")) {
    setTimeout(() => location.reload(), PAUSE_MS);  // a wall has no keys
  }
}

const openWindow = window.open.bind(window);
window.open = (url) => {
  if (!String(url).startsWith(location.origin + "/download/")) {
    return openWindow(url, "_blank", "noopener,noreferrer");
  }
  const link = document.createElement("a");  // a download in this page: no window that a blocker stops
  link.href = url;
  link.download = "";
  link.click();
  return null;
};

let begun = false;

new MutationObserver((_changes, watcher) => {
  if (!begun && document.body.classList.contains("-first-byte")) {
    begun = true;
    document.querySelector(".xterm-helper-textarea").focus();  // keys need no click first
  }
  if (document.body.classList.contains("-closed")) {
    watcher.disconnect();
    ended();
  }
}).observe(document.body, {attributes: true, attributeFilter: ["class"]});
