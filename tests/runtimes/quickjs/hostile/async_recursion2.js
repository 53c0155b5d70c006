async function f(n) { return await f(n + 1); }
async function handler(event) { return f(0); }
