function breed() { Promise.resolve().then(breed); Promise.resolve().then(breed); }
async function handler(event) { breed(); return event; }
