async function handler(event) { return { get then() { for (;;); } }; }
