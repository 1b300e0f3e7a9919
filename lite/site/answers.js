// The learner's answers in this browser: one IndexedDB for all pages of the site.

const asked = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/**
 * @param refused  told why an answer could not be kept
 * @returns {keep, kept}: a function for one answer (null where nothing can be kept), and the
 *   answers that are there, oldest first
 */
export async function openAnswers(refused) {
  try {
    const opening = indexedDB.open("osteoteach", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("answers", { autoIncrement: true });
    const database = await asked(opening);
    const kept = await asked(database.transaction("answers").objectStore("answers").getAll());
    const keep = (text) => {
      const writing = database.transaction("answers", "readwrite", { durability: "strict" });
      writing.objectStore("answers").add(JSON.parse(text));
      writing.onabort = () => refused(writing.error?.message ?? "the browser gave no reason");
    };
    return { keep, kept };
  } catch (error) {
    console.warn(`Answers are not kept: ${error.message}`);
    return { keep: null, kept: [] };
  }
}
