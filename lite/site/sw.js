// Keeps every file of the site, so that it opens without a network after the first visit.
const VERSION = "@VERSION@";
const FILES = JSON.parse(`@FILES@`);
const KEPT = `osteoteach-${VERSION}`;

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(KEPT);
    // One after the other: the page that is being opened goes first. `default` takes what
    // the browser has just loaded for that page from its own cache.
    for (const file of FILES) await cache.add(new Request(file, { cache: "default" }));
    await self.skipWaiting();
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) {
      if (name.startsWith("osteoteach-") && name !== KEPT) await caches.delete(name);
    }
    await self.clients.claim();
  })());
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  event.respondWith((async () => {
    const cache = await caches.open(KEPT);
    // A scenario stands behind the question mark; the page is the same.
    return (await cache.match(event.request, { ignoreSearch: true })) ?? fetch(event.request);
  })());
});
