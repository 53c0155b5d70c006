async function handler(event) { await new Promise(function () {}); }
