function handler(event) { return Array.prototype.join.call({ length: 4294967295 }, ','); }
