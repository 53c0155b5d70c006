async function dive() { await dive(); }
async function handler(event) { await dive(); }
