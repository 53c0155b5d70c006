async function handler(event) { const a = async () => { await null; return b(); }; const b = async () => { await null; return a(); }; await a(); }
