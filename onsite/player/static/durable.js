/**
 * Copies that survive even a killed browser: localStorage is written at once but reaches the disk seconds later, a
 * strict transaction of IndexedDB is on the disk when it reports its end. Every promise rejects where a browser has
 * no database to offer.
 */
export function durableCopies() {
  let opening = null;

  const open = () => {
    opening ||= new Promise((resolve, reject) => {
      const request = indexedDB.open("onsite", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("records");
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return opening;
  };

  return {
    /** The copy under `key`, or undefined. */
    get: async (key) => {
      const database = await open();
      return new Promise((resolve, reject) => {
        const request = database.transaction("records").objectStore("records").get(key);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    },

    /** Puts `value` under `key` unless `mayReplace(what stands there)` says no; resolves to what stood in the way, or null. */
    put: async (key, value, mayReplace) => {
      const database = await open();
      return new Promise((resolve, reject) => {
        const transaction = database.transaction("records", "readwrite", { durability: "strict" });
        const records = transaction.objectStore("records");
        let obstacle = null;
        records.get(key).onsuccess = ({ target: { result } }) => {
          if (result === undefined || mayReplace(result)) records.put(value, key);
          else obstacle = result;
        };
        transaction.oncomplete = () => resolve(obstacle);
        transaction.onerror = transaction.onabort = () => reject(transaction.error);
      });
    },
  };
}
