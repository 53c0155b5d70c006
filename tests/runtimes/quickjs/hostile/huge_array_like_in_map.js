function handler(event) { return Array.prototype.map.call({ length: 4294967295 }, String); }
