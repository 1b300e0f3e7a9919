// The learner's answers in this browser: one IndexedDB for all pages of the site.

const asked = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/**
 * @returns {keep, kept}: a function that stores one answer and settles when it is on the disk
 *   (null where nothing can be kept), and the answers that are there, oldest first
 */
export async function openAnswers() {
  try {
    const opening = indexedDB.open("osteoteach", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("answers", { autoIncrement: true });
    const database = await asked(opening);
    const kept = await asked(database.transaction("answers").objectStore("answers").getAll());
    const keep = (text) => new Promise((resolve, reject) => {
      const writing = database.transaction("answers", "readwrite", { durability: "strict" });
      writing.objectStore("answers").add(JSON.parse(text));
      writing.oncomplete = () => resolve();
      writing.onabort = () => reject(writing.error ?? new Error("the browser gave no reason"));
    });
    return { keep, kept };
  } catch (error) {
    console.warn(`Answers are not kept: ${error.message}`);
    return { keep: null, kept: [] };
  }
}
