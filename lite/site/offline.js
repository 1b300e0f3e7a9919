// Keeps the site in the browser, so that it opens without a network afterwards.
export function keepSite() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register(new URL("../sw.js", import.meta.url)).catch((error) => {
    console.warn(`Without a network these pages will not open: ${error.message}`);
  });
}
