function handler(event) { return Array.prototype.lastIndexOf.call({ length: 9007199254740991 }, 1); }
