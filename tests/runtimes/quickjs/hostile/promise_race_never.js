async function handler(event) { return Promise.race([]); }
